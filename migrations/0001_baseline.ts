import { Effect } from "effect"
import { baseline } from "../src/baseline/Baseline.ts"

export default baseline

/** The tables are another service's: only the record goes. */
export const down = Effect.void
