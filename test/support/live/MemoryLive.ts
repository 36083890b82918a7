import { Effect, Layer } from "effect"
import { LiveSnapshot } from "../../../src/services/live/LiveSnapshot.ts"

/** Live updates without a database. */
export const memoryLive = Layer.succeed(LiveSnapshot, {
  read: () => Effect.succeed({ state: {}, cursor: "Mg" })
})
