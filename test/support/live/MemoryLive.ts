import { Effect, Layer } from "effect"
import { LiveHub } from "../../../src/services/live/LiveHub.ts"
import { LiveSnapshot } from "../../../src/services/live/LiveSnapshot.ts"

/** Live updates without a database. */
export const memoryLive = Layer.succeed(LiveSnapshot, {
  read: () => Effect.succeed({ state: {}, cursor: "Mg" })
})

/** Accepts no streams, because tests of routes have no connections. */
export const memoryHub = Layer.succeed(LiveHub, {
  open: () => ({ onClose: () => {} }),
  streams: Effect.succeed([]),
  end: () => Effect.void,
  setOwn: () => Effect.void,
  drain: () => Effect.void
})
