import type { Draws } from "./Draws.ts"

/** Names that break careless readers. The empty one is a worker without a name. All fit `shares.worker_name`. */
const oddNames = [
  "",
  "rig.attic.2",
  "rig 3",
  "x'; DROP TABLE shares; --",
  "back\\slash",
  "שָׁלוֹם-כורה",
  "\u202Egnp.rig",
  "ماينر",
  "鉱".repeat(42) + "ab",
  "⛏️🔥",
  "<b>rig</b>",
  "%2e%2e%2f",
  "null",
  "other",
  "default"
] as const

/** Name that breaks the JSON of every event, because the engine does not escape it. */
export const quotedName = 'the "big" rig'

export const oddName = (draws: Draws): string => draws.pick(oddNames)
