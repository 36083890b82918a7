import { Effect } from "effect"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

setFlagsFromString("--expose-gc")

/** Runs the garbage collector. */
export const collectGarbage = Effect.promise(async () => {
  // A `WeakRef` keeps its target for the rest of the turn.
  await new Promise(setImmediate)
  runInNewContext("gc()")
})
