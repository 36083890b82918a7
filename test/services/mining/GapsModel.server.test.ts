import { WeekChanges } from "../../../src/services/weeks/WeekChanges.ts"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { compareIds, shareStream, startOfStream } from "../../../src/domain/mining/StreamEntry.ts"
import { Gaps } from "../../../src/services/mining/Gaps.ts"
import { Leadership } from "../../../src/services/mining/Leadership.ts"
import { Projection } from "../../../src/services/mining/Projection.ts"
import { insertShares } from "../../../src/services/mining/simulation/SharesTable.ts"
import { clearMiningTables } from "../../support/mining/ClearTables.ts"
import { holdsForAll, midnight, takeOver } from "../../support/mining/Harness.ts"
import { miningDatabase } from "../../support/mining/MiningDatabase.ts"
import { projectedTables } from "../../support/mining/ProjectedTables.ts"
import { differences, expectedTables } from "../../support/mining/Reference.ts"
import { entriesOf, rowsOf, trimmedSchedulesAt } from "../../support/mining/Schedules.ts"
import type { TrimmedSchedule } from "../../support/mining/Schedules.ts"
import { databaseAt } from "../../support/TestDatabaseLayer.ts"

/** Applies what the stream holds, after a part of it is lost, and refills the rest from `shares`. */
const play = Effect.fnUntraced(function* ({ arrivals, kept, read }: TrimmedSchedule) {
  yield* clearMiningTables
  yield* insertShares(rowsOf(arrivals))
  const entries = entriesOf(arrivals)
  const lease = yield* takeOver("process")
  const { apply } = yield* Projection
  const { detect, positions, refillNext } = yield* Gaps
  const stateOf = (stored: typeof entries, after: string) => ({
    stream: shareStream,
    entries: stored.filter(({ id }) => compareIds(id, after) > 0),
    oldest: stored.at(0)?.id,
    newest: stored.at(-1)?.id,
    isWrongType: false
  })
  const refill = Effect.repeat(refillNext(lease), { while: (isRefilled) => isRefilled })
  /** One turn of the leader, on a stream that holds `stored`. */
  const turn = Effect.fnUntraced(function* (stored: typeof entries) {
    for (;;) {
      const known = yield* positions
      const state = stateOf(stored, known.get(shareStream) ?? startOfStream)
      const resumptions = yield* detect(lease, [state], known)
      if (resumptions.length > 0) continue
      if (state.entries.length === 0) return
      // Shares next to a gap are kept until it is refilled, so the batch waits.
      yield* Effect.catchTag(apply(lease, state.entries, true), "GapOpen", () => refillNext(lease))
    }
  })
  yield* turn(entries.slice(0, read))
  const rest = entries.slice(Math.max(read, entries.length - kept))
  yield* turn(rest.length === 0 ? entries.slice(-1) : rest)
  yield* refill
  return yield* projectedTables
})

const services = Gaps.layer.pipe(
  Layer.provideMerge(Projection.layer({ network: "signet" })),
  Layer.provideMerge(Layer.merge(Leadership.layer, WeekChanges.layer))
)

describe("Gaps", () => {
  it.live(
    "refill what the streams lost, so that the tables equal the reference model of all shares",
    () =>
      Effect.gen(function* () {
        const { url } = yield* miningDatabase
        const generated = trimmedSchedulesAt(yield* midnight)
        yield* holdsForAll(
          { generated, seed: 20_261_202, runs: 15 },
          Effect.fnUntraced(function* (schedule) {
            assert.deepStrictEqual(differences(yield* play(schedule), expectedTables(schedule.arrivals)), [])
          })
        ).pipe(Effect.provide(services), Effect.provide(databaseAt(Redacted.value(url))))
      }),
    300_000
  )
})
