import { Context, Effect, Layer } from "effect"
import { Projection } from "../../../src/services/mining/Projection.ts"
import { WeekChanges } from "../../../src/services/weeks/WeekChanges.ts"
import { WeekFold } from "../../../src/services/weeks/WeekFold.ts"
import { clearMiningTables } from "../mining/ClearTables.ts"
import { shareEntry, start } from "../mining/Entries.ts"
import type { ShareFields } from "../mining/Entries.ts"
import { takeOver } from "../mining/Harness.ts"
import { setTime, settle } from "./Play.ts"

/** A process that projects and folds, and has just taken the lead. */
export const newLeader = Effect.fnUntraced(function* (holder: string) {
  const lease = yield* takeOver(holder)
  const services = yield* Layer.build(
    Layer.fresh(
      Layer.mergeAll(WeekFold.layer, Projection.layer({ network: "regtest" })).pipe(Layer.provide(WeekChanges.layer))
    )
  )
  const fold = Context.get(services, WeekFold)
  const projection = Context.get(services, Projection)
  const send = (shares: ReadonlyArray<ShareFields>) =>
    projection.apply(
      lease,
      shares.map((share, sequence) => shareEntry({ sequence, ...share })),
      true
    )
  return { lease, send, fold, next: fold.next(lease), settle: Effect.provideService(settle(lease), WeekFold, fold) }
})

/** A leader of an empty database, at a time relative to `start`. */
export const firstLeader = Effect.fnUntraced(function* (now: number) {
  yield* clearMiningTables
  yield* setTime(start + now)
  const leader = yield* newLeader("first")
  yield* leader.fold.begin
  yield* leader.settle
  return leader
})
