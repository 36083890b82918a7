import { assert, describe, it } from "@effect/vitest"
import { Clock, Config, Duration, Effect } from "effect"
import { faultyPool } from "../support/mining/FaultyPool.ts"
import { countedRows, violations } from "../support/mining/Invariants.ts"
import { projectedTables } from "../support/mining/ProjectedTables.ts"
import { differences, expectedTables } from "../support/mining/Reference.ts"

/** Number of kills; `make test-long` repeats more often. */
const kills = await Effect.runPromise(Effect.orDie(Config.withDefault(Config.Int("TBG_TEST_REPEAT"), 1)))
/** Each fault other than a kill happens after each fourth one. */
const killsPerFault = 4

/** Shares per second, from workers that send 15 a minute. The projection falls behind by several batches at either. */
const rate = kills === 1 ? 800 : 1600
const miners = kills === 1 ? 1050 : 2100
/** Shares that are counted between two faults. */
const some = rate / 4

describe("mining projection", () => {
  it.live(
    `counts every share of ${rate} a second exactly once through kills, restarts, lost streams and a frozen leader`,
    (context) =>
      Effect.gen(function* () {
        const pool = yield* faultyPool({ miners, rate })
        const { asked, leading, loseStreams, postgres, progress, redis, replace, signalAll, simulator, unread } = pool
        yield* progress(some)
        const startedAt = yield* Clock.currentTimeMillis
        const before = yield* pool.state

        const freezeLeader = Effect.gen(function* () {
          const frozen = yield* leading
          yield* frozen.process.signal("SIGSTOP")
          yield* frozen.replaced
          yield* progress(some)
          yield* frozen.process.signal("SIGCONT")
          yield* frozen.process.untilPrinted("another process leads the mining projection now")
        })
        const loseUnreadStreams = Effect.gen(function* () {
          const { losses } = yield* pool.state
          yield* signalAll("SIGSTOP")
          yield* unread
          yield* loseStreams
          yield* signalAll("SIGCONT")
          yield* pool.until((current) => current.losses > losses)
          yield* progress(some)
        })
        for (let kill = 0; kill < kills; kill++) {
          const killed = yield* leading
          yield* replace(killed.process)
          yield* killed.replaced
          yield* progress(some)
          if (kill % killsPerFault !== 0) continue
          yield* redis.restart
          yield* progress(some)
          yield* freezeLeader
          yield* loseUnreadStreams
          yield* postgres.signal("SIGKILL")
          yield* postgres.startAgain
          yield* progress(some)
        }

        const stoppedAt = yield* Clock.currentTimeMillis
        yield* simulator.signal("SIGINT")
        assert.deepStrictEqual(yield* simulator.exit, { code: 0, signal: null })
        const [remaining] = yield* Effect.timed(pool.settled)
        const seconds = (stoppedAt - startedAt) / 1000
        const counted = (yield* pool.state).counted - before.counted
        const figures = `${Math.round(counted / seconds)} shares a second for ${Math.round(seconds)} s`
        yield* Effect.promise(() =>
          context.annotate(`${figures}; all counted ${Math.round(Duration.toSeconds(remaining))} s later`)
        )
        assert.deepStrictEqual(yield* asked(violations), { lost: 0, invented: 0, twice: 0, unbalanced: 0 })
        const rows = yield* asked(countedRows)
        const expected = expectedTables(rows.map((row) => ({ ...row, arrival: undefined })))
        assert.deepStrictEqual(differences(yield* asked(projectedTables), expected), [])
      }),
    240_000 + kills * 60_000
  )
})
