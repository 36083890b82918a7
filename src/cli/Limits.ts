import { Console, Effect } from "effect"
import { Argument, Command } from "effect/cli"
import type { DependencyDown } from "../domain/Dependency.ts"
import { storeKey, wholeSeconds } from "../domain/RateLimit.ts"
import { addressOf, limitKeyOf } from "../http/middleware/ClientAddress.ts"
import { policiesOf } from "../http/middleware/RateLimits.ts"
import { redisAdvice } from "../layers/Advice.ts"
import { AppConfig } from "../layers/AppConfig.ts"
import { Redis } from "../layers/Redis.ts"
import { commandGroup, explainOutage, json, quietly, Unavailable, UsageError } from "./CommandParts.ts"

/**
 * Parses `ip:ADDRESS`, `key:ADDRESS` or `key:ID` into a policy and a key of the store. Accepts any spelling of the
 * address.
 */
const parseKey = Effect.fnUntraced(function* (text: string) {
  const { ip, key } = policiesOf(yield* AppConfig)
  const [, name, rest = ""] = /^(ip|key):(.+)$/.exec(text) ?? []
  const caller = name === undefined ? text : rest
  const policy = name === "key" ? key : ip
  // Also accepts what the service logs: the /64 of an IPv6 address, and `unknown` for a closed socket.
  const address = caller === "unknown" ? caller : addressOf(caller.replace(/::\/64$/, "::"))
  if (address !== undefined) return { policy, key: storeKey(policy, limitKeyOf(address)) }
  if (name === "key") return { policy, key: storeKey(policy, rest) }
  return yield* new UsageError({ message: `KEY ${JSON.stringify(text)}: expected ip:ADDRESS, key:ADDRESS or key:ID` })
})

/** Shared counters in Redis. */
const counts = Effect.gen(function* () {
  const { admissions, probe } = yield* Redis
  if (admissions === undefined) {
    const message =
      "TBG_REDIS_URL=embedded keeps limits in the memory of the service, where tbg cannot read them; set a Redis URL"
    return yield* new Unavailable({ message })
  }
  yield* probe
  return admissions
})

const key = Argument.String("key").pipe(Argument.withDescription("ip:ADDRESS, key:ADDRESS or key:ID"))

const withRedis = <A, E>(command: Effect.Effect<A, E | DependencyDown, AppConfig | Redis>) =>
  explainOutage(command, ({ redis }, down) => redisAdvice(redis.target, down)).pipe(
    Effect.provide(Redis.layer),
    quietly
  )

const inspect = Command.make("inspect", { key, json }, (flags) =>
  Effect.gen(function* () {
    const { key, policy } = yield* parseKey(flags.key)
    const { ask } = yield* counts
    const [answer] = yield* ask([{ key, policy, count: 0 }])
    const { resetMicros, used } = answer ?? { resetMicros: 0, used: 0 }
    const { limit, windowMicros } = policy
    const remaining = Math.max(0, limit - used)
    const reset_seconds = wholeSeconds(resetMicros)
    const window_seconds = windowMicros / 1_000_000
    const line =
      `${key}: ${used} of ${limit} used in the last ${window_seconds} s, ` +
      `${remaining} left, reset in ${reset_seconds} s`
    const fields = { key, limit, used, remaining, reset_seconds, window_seconds }
    yield* Console.log(flags.json ? JSON.stringify(fields) : line)
  }).pipe(withRedis)
).pipe(Command.withDescription("Show how much of its limit a caller has used"))

const reset = Command.make("reset", { key }, (flags) =>
  Effect.gen(function* () {
    const { key } = yield* parseKey(flags.key)
    const { reset } = yield* counts
    yield* reset(key)
    yield* Console.log(`${key}: limit reset`)
  }).pipe(withRedis)
).pipe(Command.withDescription("Reset the rate limit of a caller"))

export const Limits = commandGroup("limits", "Inspect or reset the rate limit of a caller", [inspect, reset])
