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
import { commandGroup, json, quietly, Unavailable, unavailable, UsageError } from "./CommandParts.ts"

interface LimitKey {
  readonly policy: Policy
  readonly key: string
}

/** Parses `ip:ADDRESS`, `key:ADDRESS` or `key:ID`, with any spelling of the address. */
const parseKey = Effect.fnUntraced(function* (text: string): Effect.fn.Return<LimitKey, UsageError, AppConfig> {
  const policies = policiesOf(yield* AppConfig)
  const [, name, rest = ""] = /^(ip|key):(.+)$/.exec(text) ?? []
  const caller = name === undefined ? text : rest
  // Also accepts what the service logs: the /64 of an IPv6 address, and `unknown` for a closed socket.
  const address = caller === "unknown" ? caller : addressOf(caller.replace(/::\/64$/, "::"))
  if (address !== undefined) return { policy: policies[name === "key" ? "key" : "ip"], key: limitKeyOf(address) }
  if (name === "key") return { policy: policies.key, key: rest }
  return yield* new UsageError({ message: `KEY ${JSON.stringify(text)}: expected ip:ADDRESS, key:ADDRESS or key:ID` })
})

const requireRedis = <A, R>(effect: Effect.Effect<A, DependencyDown, R>) =>
  Effect.flatMap(AppConfig, ({ redis }) =>
    Effect.mapError(effect, (down) => unavailable(redisAdvice(redis.target, down)))
  )

/** Shared counters in Redis. */
const counts = Effect.gen(function* () {
  const { admissions, probe } = yield* Redis
  if (admissions === undefined) {
    const message =
      "TBG_REDIS_URL=embedded keeps limits in the memory of the service, where tbg cannot read them; set a Redis URL"
    return yield* new Unavailable({ message })
  }
  yield* requireRedis(probe)
  return admissions
})

const readLimit = Effect.fnUntraced(function* ({ key, policy }: LimitKey) {
  const { ask } = yield* counts
  const [answer] = yield* requireRedis(ask([{ key: storeKey(policy, key), policy, count: 0 }]))
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
    const fields = yield* readLimit(yield* parseKey(flags.key))
    const { limit, remaining, reset_seconds, used, window_seconds } = fields
    const line =
      `${fields.key}: ${used} of ${limit} used in the last ${window_seconds} s, ` +
      `${remaining} left, reset in ${reset_seconds} s`
    yield* Console.log(flags.json ? JSON.stringify(fields) : line)
  }).pipe(withRedis)
).pipe(Command.withDescription("Show how much of its limit a caller has used"))

const reset = Command.make("reset", { key }, (flags) =>
  Effect.gen(function* () {
    const { key, policy } = yield* parseKey(flags.key)
    const name = storeKey(policy, key)
    const { reset } = yield* counts
    yield* requireRedis(reset(name))
    yield* Console.log(`${name}: limit reset`)
  }).pipe(withRedis)
).pipe(Command.withDescription("Reset the rate limit of a caller"))

export const Limits = commandGroup("limits", "Inspect or reset the rate limit of a caller", [inspect, reset])
