import { assert, describe, it } from "@effect/vitest"
import { Clock, Config, Effect, Layer, Redacted, Schema } from "effect"
import type { Context } from "effect"
import { default as fc } from "fast-check"
import { SqlClient } from "effect/sql"
import { compareIds, shareStream, startOfStream } from "../../../src/domain/mining/StreamEntry.ts"
import { Leadership } from "../../../src/services/mining/Leadership.ts"
import type { Lease } from "../../../src/services/mining/Leadership.ts"
import { Projection } from "../../../src/services/mining/Projection.ts"
import { clearMiningTables } from "../../support/mining/ClearTables.ts"
import { miningDatabase } from "../../support/mining/MiningDatabase.ts"
import { projectedTables } from "../../support/mining/ProjectedTables.ts"
import { expectedTables } from "../../support/mining/Reference.ts"
import { entriesOf, schedulesAt } from "../../support/mining/Schedules.ts"
import type { Accident, Schedule } from "../../support/mining/Schedules.ts"
import { databaseAt } from "../../support/TestDatabaseLayer.ts"

/** `make test-long` repeats more often. */
const repetitions = Config.withDefault(Config.Int("TBG_TEST_REPEAT"), 1)

const seed = 20_261_201
const runs = 25

const decodePosition = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ entry: Schema.String })))

/** Position of the share stream, as every leader reads it. */
const position = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql`SELECT entry FROM tbg_api.mining_streams WHERE stream = ${shareStream}`
  return (yield* decodePosition(rows)).at(0)?.entry ?? startOfStream
})

/** The lease of another process, which the former leader does not know of. */
const takeOver = Effect.fnUntraced(function* (holder: string) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`UPDATE tbg_api.mining_state SET expires_at = '-infinity'`
  const lease = yield* (yield* Leadership).acquire(holder)
  return lease ?? (yield* Effect.die("the lease is not free"))
})

/** Services of a process that has just started. */
const services = Projection.layer({ network: "signet" }).pipe(Layer.provideMerge(Leadership.layer))

/** Applies one batch, in which something may go wrong, and returns the lease that is held afterwards. */
const applyBatch = Effect.fnUntraced(function* (
  lease: Lease,
  size: number,
  accident: Accident,
  entries: ReturnType<typeof entriesOf>,
  turn: number
) {
  const sql = yield* SqlClient.SqlClient
  const { apply } = yield* Projection
  const after = yield* position
  const waiting = entries.filter(({ id }) => compareIds(id, after) > 0)
  const batch = waiting.slice(0, size)
  const isLast = batch.length === waiting.length
  if (accident === "killed") {
    // The process ends before the commit, so that Postgres rolls back.
    const killed = Effect.andThen(apply(lease, batch, isLast), Effect.fail("killed"))
    assert.strictEqual(yield* Effect.flip(sql.withTransaction(killed)), "killed")
    return yield* takeOver(`process ${turn}`)
  }
  if (accident === "takenOver") {
    const next = yield* takeOver(`process ${turn}`)
    const refused = yield* Effect.flip(apply(lease, batch, isLast))
    assert.strictEqual(refused._tag, "LeadershipLost")
    return next
  }
  const applied = apply(lease, batch, isLast)
  yield* accident === "restarted"
    ? Effect.provide(
        Projection.use(({ apply }) => apply(lease, batch, isLast)),
        services
      )
    : applied
  return lease
})

/** Plays a schedule until every entry is applied. */
const play = Effect.fnUntraced(function* ({ arrivals, batches }: Schedule) {
  yield* clearMiningTables
  const entries = entriesOf(arrivals)
  const newest = entries.at(-1)?.id ?? startOfStream
  let lease = yield* takeOver("process")
  for (let turn = 0; (yield* position) !== newest; turn++) {
    const { accident, size } = batches[turn % batches.length] ?? { accident: "none", size: 1 }
    // A schedule of accidents alone would never end.
    lease = yield* applyBatch(lease, size, turn < 40 ? accident : "none", entries, turn)
  }
  return yield* projectedTables
})

const dayMicros = 86_400_000_000
const hourMicros = 3_600_000_000

/** A midnight in UTC at least two hours ago. */
const midnight = Effect.map(
  Clock.currentTimeMillis,
  (now) => Math.floor((now * 1000 - 2 * hourMicros) / dayMicros) * dayMicros
)

describe("Projection", () => {
  it.live(
    "equals the reference model row by row, whatever the order, copies, batches, kills and takeovers",
    () =>
      Effect.gen(function* () {
        const { url } = yield* miningDatabase
        const start = yield* midnight
        const rounds = yield* repetitions
        const property = Effect.fnUntraced(function* (
          context: Context.Context<Projection | Leadership | SqlClient.SqlClient>
        ) {
          for (let round = 0; round < rounds; round++) {
            yield* Effect.promise(() =>
              fc.assert(
                fc.asyncProperty(schedulesAt(start), (schedule) =>
                  Effect.runPromise(
                    Effect.gen(function* () {
                      assert.deepStrictEqual<unknown>(yield* play(schedule), expectedTables(schedule.arrivals))
                    }).pipe(Effect.provide(context))
                  )
                ),
                {
                  seed: seed + round,
                  numRuns: runs,
                  includeErrorInReport: true,
                  interruptAfterTimeLimit: 60_000,
                  markInterruptAsFailure: true
                }
              )
            )
          }
        })
        yield* Effect.flatMap(Effect.context<Projection | Leadership | SqlClient.SqlClient>(), property).pipe(
          Effect.provide(services),
          Effect.provide(databaseAt(Redacted.value(url)))
        )
      }),
    300_000
  )
})
