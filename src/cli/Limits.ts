import { Console, Effect } from "effect"
import { Argument, Command } from "effect/cli"
import type { DependencyDown } from "../domain/Dependency.ts"
import { storeKey, wholeSeconds } from "../domain/RateLimit.ts"
import type { Policy } from "../domain/RateLimit.ts"
import { addressOf, limitKeyOf } from "../http/middleware/ClientAddress.ts"
import { policiesOf } from "../http/middleware/RateLimits.ts"
import { redisAdvice } from "../layers/Advice.ts"
import { AppConfig } from "../layers/AppConfig.ts"
import { Redis } from "../layers/Redis.ts"
import { commandGroup } from "./CommandGroup.ts"
import { answeredBy, json, Misused, quietly, Unavailable } from "./Report.ts"

interface Window {
  readonly policy: Policy
  readonly key: string
}

/** Parses `ip:ADDRESS`, `key:ADDRESS` or `key:ID`, with any spelling of the address. */
const windowOf = Effect.fnUntraced(function* (text: string): Effect.fn.Return<Window, Misused, AppConfig> {
  const policies = policiesOf(yield* AppConfig)
  const [, name, rest = ""] = /^(ip|key):(.+)$/.exec(text) ?? []
  const caller = name === undefined ? text : rest
  // Also accepts the printed forms: the /64 of an IPv6 address, and `unknown` for a closed socket.
  const address = caller === "unknown" ? caller : addressOf(caller.replace(/::\/64$/, "::"))
  if (address !== undefined) return { policy: policies[name === "key" ? "key" : "ip"], key: limitKeyOf(address) }
  if (name === "key") return { policy: policies.key, key: rest }
  return yield* new Misused({ message: `KEY ${JSON.stringify(text)}: expected ip:ADDRESS, key:ADDRESS or key:ID` })
})

const answered = <A, R>(asked: Effect.Effect<A, DependencyDown, R>) =>
  Effect.flatMap(AppConfig, ({ redis }) => answeredBy((down) => redisAdvice(redis.target, down))(asked))

/** Shared counters in Redis. */
const counts = Effect.gen(function* () {
  const { admissions, probe } = yield* Redis
  if (admissions === undefined) {
    const message =
      "TBG_REDIS_URL=embedded keeps limits in the process of the service; other processes cannot read them"
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
      `${remaining} left, reset in ${reset_seconds} s`
    yield* Console.log(flags.json ? JSON.stringify(fields) : words)
  }).pipe(withRedis)
).pipe(Command.withDescription("Show how much of its limit a caller has used"))

const reset = Command.make("reset", { key }, (flags) =>
  Effect.gen(function* () {
    const window = yield* windowOf(flags.key)
    const name = storeKey(window.policy, window.key)
    const { forget } = yield* counts
    yield* answered(forget(name))
    yield* Console.log(`${name}: cleared`)
  }).pipe(withRedis)
).pipe(Command.withDescription("Reset the limit of a caller"))

export const Limits = commandGroup("limits", "Inspect or reset the rate limit of a caller", [inspect, reset])
