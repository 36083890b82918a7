/**
 * One of several processes that hammer the same keys, according to the plan in its JSON argument. In each round it
 * waits for the others, then checks from many fibers until denied. Prints the admitted requests by round and key as
 * JSON.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Cause, Console, Effect, References, Schedule, Schema } from "effect"
import { RateLimiter } from "../../src/services/RateLimiter.ts"
import { Allowed, LimiterPlan } from "./LimiterPlan.ts"
import { limiterOverRedis } from "./LimiterOverRedis.ts"

const window = { windowMicros: 3_600_000_000 }

const hammered = Effect.fnUntraced(function* ({ fibers, keys, limit, processes, rounds }: typeof LimiterPlan.Type) {
  const { check, peek } = yield* RateLimiter

  /** This key admits nothing once all processes have arrived. */
  const together = Effect.fnUntraced(function* (round: number) {
    const policy = { name: "start", limit: processes, ...window }
    yield* check(policy, String(round))
    yield* Effect.repeat(peek(policy, String(round)), {
      until: ({ remaining }) => remaining === 0,
      schedule: Schedule.spaced("2 millis")
    })
  })

  const allowed = Effect.fnUntraced(function* (key: string) {
    const policy = { name: "hammered", limit, ...window }
    for (let count = 0; ; count++) {
      const decision = yield* check(policy, key)
      if (decision.store === "memory") return yield* Effect.die(new Error("Redis did not answer in time"))
      if (!decision.allowed) return count
    }
  })

  return yield* Effect.forEach(Array.from({ length: rounds }).keys(), (round) =>
    Effect.gen(function* () {
      yield* together(round)
      const counts = yield* Effect.forEach(
        Array.from({ length: fibers }).keys(),
        (fiber) => allowed(`${round}:${fiber % keys}`),
        { concurrency: "unbounded" }
      )
      return Array.from({ length: keys }, (_, key) =>
        counts.filter((_, fiber) => fiber % keys === key).reduce((sum, count) => sum + count, 0)
      )
    })
  )
})

Effect.gen(function* () {
  const plan = yield* Schema.decodeUnknownEffect(LimiterPlan)(process.argv[2])
  const patient = { TBG_RATE_LIMIT_BUDGET_MS: "20000", TBG_READY_TIMEOUT_MS: "20000" }
  const limiter = limiterOverRedis({ TBG_REDIS_URL: plan.url, ...patient })
  const allowed = yield* hammered(plan).pipe(Effect.provide(limiter))
  yield* Console.log(yield* Schema.encodeEffect(Allowed)(allowed))
}).pipe(
  Effect.tapCause((cause) => Console.error(Cause.pretty(cause))),
  // Standard output is reserved for the result.
  Effect.provideService(References.MinimumLogLevel, "None"),
  Effect.timeout("5 minutes"),
  NodeRuntime.runMain
)
