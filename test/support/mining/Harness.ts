import { Clock, Config, Effect } from "effect"
import { default as fc } from "fast-check"
import { SqlClient } from "effect/sql"
import { Leadership } from "../../../src/services/mining/Leadership.ts"

/** `make test-long` repeats more often. */
const repetitions = Config.withDefault(Config.Int("TBG_TEST_REPEAT"), 1)

/** Time limit for the runs of a seed, most of which is for shrinking a failure. */
const timeLimitMs = 60_000

/** Checks generated values, one after the other in one context. A failure prints the seed and a small value. */
export const holdsForAll = Effect.fnUntraced(function* <A, E, R>(
  options: { readonly generated: fc.Arbitrary<A>; readonly seed: number; readonly runs: number },
  check: (value: A) => Effect.Effect<void, E, R>
): Effect.fn.Return<void, Config.ConfigError, R> {
  const run = Effect.runPromiseWith(yield* Effect.context<R>())
  const rounds = yield* repetitions
  for (let round = 0; round < rounds; round++) {
    yield* Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(options.generated, (value) => run(check(value))),
        {
          seed: options.seed + round,
          numRuns: options.runs,
          includeErrorInReport: true,
          plugins: [fc.interruptAfterTimeLimit(timeLimitMs, { failOnInterrupt: true })]
        }
      )
    )
  }
})

/** Takes the lease for another process, without the knowledge of the former leader. */
export const takeOver = Effect.fnUntraced(function* (holder: string) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`UPDATE tbg_api.mining_state SET expires_at = '-infinity'`
  const lease = yield* (yield* Leadership).acquire(holder)
  return lease ?? (yield* Effect.die("the lease is not free"))
})

const dayMicros = 86_400_000_000
const hourMicros = 3_600_000_000

/** A midnight in UTC at least two hours ago, in microseconds since 1970. */
export const midnight = Effect.map(
  Clock.currentTimeMillis,
  (now) => Math.floor((now * 1000 - 2 * hourMicros) / dayMicros) * dayMicros
)
