import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { inject } from "vitest"
import type { TestContext } from "vitest"
import { commandResult } from "./CommandResult.ts"

/**
 * Runs a promtool check that must pass without output; skips the test, with the reason, if promtool is missing. `input`
 * is its stdin.
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
