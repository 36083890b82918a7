import { Context, Effect, Layer } from "effect"
import { timestampOf } from "../domain/Timestamp.ts"
import { uuid7Of } from "../domain/Uuid7.ts"
import { SecureRandom } from "./SecureRandom.ts"

/** A new row's id and its time, which agree. */
export interface Birth {
  /** A UUID of version 7. */
  readonly id: string
  /** RFC 3339 in UTC with microseconds. */
  readonly at: string
}

/** Ids and times for rows; of one process they only grow, whatever its clock does. */
export class Ids extends Context.Service<
  Ids,
  {
    readonly next: Effect.Effect<Birth>
    /** The time alone, for a change of a row. */
    readonly now: Effect.Effect<string>
  }
>()("tbg-api/services/Ids") {
  static readonly layer = Layer.effect(
    Ids,
    Effect.gen(function* () {
      const random = yield* SecureRandom
      let last = 0
      const micros = Effect.clockWith((clock) =>
        Effect.sync(() => (last = Math.max(last + 1, Number(clock.currentTimeNanosUnsafe() / 1000n))))
      )
      return {
        next: Effect.map(micros, (at) => ({ id: uuid7Of(at, random(8)), at: timestampOf(at) })),
        now: Effect.map(micros, timestampOf)
      }
    })
  )
}
