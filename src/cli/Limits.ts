import { Console, Effect, Schema } from "effect"
import { Argument, Command } from "effect/cli"
import * as Runtime from "effect/Runtime"
import type { DependencyDown } from "../domain/Dependency.ts"
import { storeKey, wholeSeconds } from "../domain/RateLimit.ts"
import type { Policy } from "../domain/RateLimit.ts"
import { addressOf, limitKeyOf } from "../http/middleware/ClientAddress.ts"
import { policiesOf } from "../http/middleware/RateLimits.ts"
import { redisAdvice } from "../layers/Advice.ts"
import { AppConfig } from "../layers/AppConfig.ts"
import { Redis } from "../layers/Redis.ts"
import { commandGroup } from "./CommandGroup.ts"
import { answeredBy, json, quietly, Unavailable } from "./Report.ts"

/** There is no such key: a mistake of whoever asked. */
class UnknownKey extends Schema.TaggedError<UnknownKey>()("UnknownKey", { message: Schema.String }) {
  override readonly [Runtime.errorExitCode] = 64
}

interface Window {
  readonly policy: Policy
  readonly key: string
}

/** `ip:ADDRESS` or `key:ID`; the address in any of its spellings. */
const windowOf = Effect.fnUntraced(function* (text: string): Effect.fn.Return<Window, UnknownKey, AppConfig> {
  const policies = policiesOf((yield* AppConfig).rateLimit)
  const [, name, rest = ""] = /^(ip|key):(.+)$/.exec(text) ?? []
  const caller = name === undefined ? text : rest
  // As they are printed, too: the /64 of an IPv6 address, and what stands for a socket that was gone.
  const address = caller === "unknown" ? caller : addressOf(caller.replace(/::\/64$/, "::"))
  if (address !== undefined) return { policy: policies[name === "key" ? "key" : "ip"], key: limitKeyOf(address) }
  if (name === "key") return { policy: policies.key, key: rest }
  return yield* new UnknownKey({
    message: `${JSON.stringify(text)} is no key of a limit; wanted ip:ADDRESS, key:ADDRESS or key:ID`
  })
})

const answered = <A, R>(asked: Effect.Effect<A, DependencyDown, R>) =>
  Effect.flatMap(AppConfig, ({ redis }) => answeredBy((down) => redisAdvice(redis.target, down))(asked))

/** What all replicas have counted. */
const counts = Effect.gen(function* () {
  const { admissions, probe } = yield* Redis
  if (admissions === undefined) {
    const message = "with TBG_REDIS_URL=embedded each process counts for itself, and this one has counted nothing"
    return yield* new Unavailable({ message })
  }
  yield* answered(probe)
  return admissions
})

const look = Effect.fnUntraced(function* ({ key, policy }: Window) {
  const { ask } = yield* counts
  const [answer] = yield* answered(ask([{ key: storeKey(policy, key), policy, count: 0 }]))
  const { resetMicros, used } = answer ?? { resetMicros: 0, used: 0 }
  return {
    key: storeKey(policy, key),
    limit: policy.limit,
    used,
    remaining: Math.max(0, policy.limit - used),
    reset_seconds: wholeSeconds(resetMicros),
    window_seconds: policy.windowMicros / 1_000_000
  }
})

const key = Argument.String("key").pipe(Argument.withDescription("ip:ADDRESS, key:ADDRESS or key:ID"))

const withRedis = <A, E>(command: Effect.Effect<A, E, AppConfig | Redis>) =>
  quietly(Effect.provide(command, Redis.layer))

const inspect = Command.make("inspect", { key, json }, (flags) =>
  Effect.gen(function* () {
    const fields = yield* look(yield* windowOf(flags.key))
    const { limit, remaining, reset_seconds, used, window_seconds } = fields
    const words =
      `${fields.key}: ${used} of ${limit} used in the last ${window_seconds} s, ` +
      `${remaining} left, all again in ${reset_seconds} s`
    yield* Console.log(flags.json ? JSON.stringify(fields) : words)
  }).pipe(withRedis)
).pipe(Command.withDescription("Show what a caller has used of its limit"))

const reset = Command.make("reset", { key }, (flags) =>
  Effect.gen(function* () {
    const window = yield* windowOf(flags.key)
    const name = storeKey(window.policy, window.key)
    const { forget } = yield* counts
    yield* answered(forget(name))
    yield* Console.log(`${name}: cleared`)
  }).pipe(withRedis)
).pipe(Command.withDescription("Give a caller all of its limit again"))

export const Limits = commandGroup("limits", "Look at a caller's rate limit, or clear it", [inspect, reset])
