import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { ProgressScreen, withProgress } from "../../src/cli/Progress.ts"
import type { Screen } from "../../src/cli/Progress.ts"

/** Output while `steps` of 40 rows are done, and at the end. */
const written = (screen: Partial<Screen>, steps: ReadonlyArray<number>, total = 40) =>
  Effect.gen(function* () {
    const texts: Array<string> = []
    yield* withProgress(total, "rows", (advance) => Effect.forEach(steps, advance, { discard: true })).pipe(
      Effect.provideService(ProgressScreen, {
        isTerminal: true,
        columns: 80,
        write: (text) => void texts.push(text),
        ...screen
      })
    )
    return texts
  })

describe("the progress of long work", () => {
  it.effect("is a bar that is redrawn on a terminal and ends with a newline", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* written({}, [10, 30]), [
        `\r${"█".repeat(8)}${" ".repeat(22)}  25 %  10 of 40 rows`,
        `\r${"█".repeat(30)} 100 %  40 of 40 rows`,
        "\n"
      ])
    })
  )

  it.effect("is cut to the width of the terminal", () =>
    Effect.gen(function* () {
      const [first] = yield* written({ columns: 40 }, [20])
      assert.strictEqual(first, `\r${"█".repeat(15)}${" ".repeat(15)}  50 %  2`)
    })
  )

  it.effect("is a plain line per tenth elsewhere", () =>
    Effect.gen(function* () {
      const steps = Array.from({ length: 4000 }, () => 1)
      const lines = yield* written({ isTerminal: false }, steps, 4000)
      assert.strictEqual(lines.length, 10)
      assert.deepStrictEqual([lines[0], lines.at(-1)], ["400 of 4,000 rows\n", "4,000 of 4,000 rows\n"])
    })
  )

  it.effect("is not shown if there is nothing to do", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* written({}, [0], 0), [])
    })
  )

  it.effect("continues past the expected total", () =>
    Effect.gen(function* () {
      const lines = yield* written({ isTerminal: false }, [20, 30])
      assert.deepStrictEqual(lines, ["20 of 40 rows\n", "50 of 50 rows\n"])
    })
  )
})
