import { Effect } from "effect"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

setFlagsFromString("--expose-gc")

/** Collects everything that nothing refers to. */
export const collectGarbage = Effect.promise(async () => {
  // A `WeakRef` keeps what it refers to for the rest of a turn.
  await new Promise(setImmediate)
  runInNewContext("gc()")
})
