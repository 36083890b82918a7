import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { inject } from "vitest"
import type { TestContext } from "vitest"
import { commandResult } from "./CommandResult.ts"

/**
 * Asserts that a check of Prometheus's own passes without a word of complaint; skips the test, and says why, where the
 * machine has no promtool. `input` is what it reads.
 */
export const passesPromtool = Effect.fnUntraced(function* (
  context: TestContext,
  args: ReadonlyArray<string>,
  options: { readonly cwd?: string; readonly input?: string } = {}
) {
  const { promtool } = inject("optional")
  if (promtool === null) return context.skip("promtool: not on the PATH (Debian's package prometheus has it)")
  const { cwd, input = "" } = options
  const piped = ["-c", 'input=$1; shift; printf %s "$input" | "$0" "$@"', promtool, input, ...args]
  const { code, stderr, stdout } = yield* commandResult("sh", piped, cwd === undefined ? {} : { cwd })
  assert.strictEqual(code, 0, stdout + stderr)
  return stdout + stderr
})
