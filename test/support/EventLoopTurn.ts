import { Effect } from "effect"

/** Waits for the end of the current event-loop turn and its microtasks. */
export const endOfEventLoopTurn = Effect.promise(() => new Promise(setImmediate))
