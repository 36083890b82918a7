import { Effect, Layer } from "effect"
import { Leadership } from "../../../src/services/mining/Leadership.ts"
import { WeekChanges } from "../../../src/services/weeks/WeekChanges.ts"
import { WeekFold } from "../../../src/services/weeks/WeekFold.ts"
import { takeLease } from "../mining/MiningServices.ts"

/** Folds all weeks of the client's database, as a new leader does, and closes those that are due. */
export const foldWeeks = Effect.gen(function* () {
  const { begin, next } = yield* WeekFold
  const lease = yield* takeLease
  yield* begin
  yield* Effect.repeat(next(lease), { while: (hasMore) => hasMore })
}).pipe(Effect.provide(WeekFold.layer.pipe(Layer.provide(WeekChanges.layer), Layer.provideMerge(Leadership.layer))))
