import { assert, describe, it } from "@effect/vitest"
import { divideBudget } from "../../src/domain/RateLimit.ts"

describe("the budget of a check", () => {
  it.each([
    [1, 0, 1],
    [2, 1, 1],
    [50, 1, 49]
  ])("of %d ms is divided into whole milliseconds: %d to be held, %d for its call", (budgetMs, holdMs, callMs) => {
    assert.deepStrictEqual(divideBudget(budgetMs), { holdMs, callMs })
  })
})
