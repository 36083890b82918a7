import { assert, describe, it } from "@effect/vitest"
import { divideBudget } from "../../src/domain/RateLimit.ts"

describe("the time budget of a check", () => {
  it.each([
    [1, 0, 1],
    [2, 1, 1],
    [50, 1, 49]
  ])("of %d ms is split into whole milliseconds: %d in the queue, %d for the call", (budgetMs, holdMs, callMs) => {
    assert.deepStrictEqual(divideBudget(budgetMs), { holdMs, callMs })
  })
})
