import { Effect } from "effect"

/** Until the end of this turn of the event loop, when what was left for it has been done. */
export const endOfTurn = Effect.promise(() => new Promise(setImmediate))
