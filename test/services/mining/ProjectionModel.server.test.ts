import { WeekChanges } from "../../../src/services/weeks/WeekChanges.ts"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { compareIds, shareStream, startOfStream } from "../../../src/domain/mining/StreamEntry.ts"
import { Leadership } from "../../../src/services/mining/Leadership.ts"
import type { Lease } from "../../../src/services/mining/Leadership.ts"
import { Projection } from "../../../src/services/mining/Projection.ts"
import { clearMiningTables } from "../../support/mining/ClearTables.ts"
import { holdsForAll, midnight, takeOver } from "../../support/mining/Harness.ts"
import { miningDatabase } from "../../support/mining/MiningDatabase.ts"
import { projectedTables } from "../../support/mining/ProjectedTables.ts"
import { differences, expectedTables } from "../../support/mining/Reference.ts"
import { entriesOf, schedulesAt } from "../../support/mining/Schedules.ts"
import type { Accident, Schedule } from "../../support/mining/Schedules.ts"
import { databaseAt } from "../../support/TestDatabaseLayer.ts"

const decodePosition = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ entry: Schema.String })))

/** Position of the share stream, as every leader reads it. */
const position = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql`SELECT entry FROM tbg_api.mining_streams WHERE stream = ${shareStream}`
  return (yield* decodePosition(rows)).at(0)?.entry ?? startOfStream
})

/** Services of a process that has just started. */
const services = Projection.layer({ network: "signet" }).pipe(
  Layer.provideMerge(Layer.merge(Leadership.layer, WeekChanges.layer))
)

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
  yield* accident === "restarted" ? Effect.provide(applied, services) : applied
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

describe("Projection", () => {
  it.live(
    "equals the reference model row by row for any order, copies, batches, kills and takeovers",
    () =>
      Effect.gen(function* () {
        const { url } = yield* miningDatabase
        const generated = schedulesAt(yield* midnight)
        yield* holdsForAll(
          { generated, seed: 20_261_201, runs: 25 },
          Effect.fnUntraced(function* (schedule) {
            assert.deepStrictEqual(differences(yield* play(schedule), expectedTables(schedule.arrivals)), [])
          })
        ).pipe(Effect.provide(services), Effect.provide(databaseAt(Redacted.value(url))))
      }),
    300_000
  )
})
