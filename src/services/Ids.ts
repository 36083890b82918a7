import { Clock, Context, Effect, Layer, Ref } from "effect"
import { layerWebCrypto, SecureRandom } from "effect/crypto/SecureRandom"
import { timestampOf } from "../domain/Timestamp.ts"
import type { Timestamp } from "../domain/Timestamp.ts"

/** Ids and timestamps for rows. The timestamps of one process strictly increase, even if its clock is set back. */
export class Ids extends Context.Service<
  Ids,
  {
    /** UUIDv7 and timestamp of a new row. */
    readonly next: Effect.Effect<{ readonly id: string; readonly at: Timestamp }>
    /** Timestamp of a change to an existing row. */
    readonly now: Effect.Effect<Timestamp>
  }
>()("tbg-api/services/Ids") {
  static readonly layer = Layer.effect(
    Ids,
    Effect.gen(function* () {
      const { uuidV7 } = yield* SecureRandom
      const last = yield* Ref.make(0)
      const now = Clock.currentTimeNanos.pipe(
        Effect.flatMap((nanos) => Ref.updateAndGet(last, (micros) => Math.max(micros + 1, Number(nanos / 1000n)))),
        Effect.map(timestampOf)
      )
      return { next: Effect.all({ id: uuidV7(), at: now }), now }
    })
  ).pipe(Layer.provide(layerWebCrypto))
}
