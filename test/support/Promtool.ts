import { Effect } from "effect"
import { commandResult } from "./CommandResult.ts"

/** Whether Prometheus's own checks can run on this machine, and what to say where they cannot. */
export const promtool = {
  isMissing: (await Effect.runPromise(commandResult("promtool", ["--version"]))).code !== 0,
  reason: "promtool: not on the PATH (Debian's package prometheus has it)"
}
