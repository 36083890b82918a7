import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { pendingSteps, stepName, stepsOf } from "../../../src/layers/migrations/History.ts"

const first = { id: 1, name: "baseline" }
const second = { id: 2, name: "create_posts" }
const third = { id: 3, name: "add_keys" }

describe("the steps of a folder", () => {
  it("are its files in the order of their numbers, sources and bundle alike", () => {
    assert.deepStrictEqual(stepsOf(["0002_create_posts.ts", "0001_baseline.ts"]), Result.succeed([first, second]))
    assert.deepStrictEqual(stepsOf(["0001_baseline.js", "0001_baseline.js.map", ".keep"]), Result.succeed([first]))
  })

  it.each(["1_baseline.ts", "0001-baseline.ts", "0001_Baseline.ts", "0000_zero.ts", "0001_.ts", "0001_a.sql", "notes"])(
    "do not include %s, which is named in the error",
    (file) => {
      assert.deepStrictEqual(
        stepsOf(["0001_baseline.ts", file]),
        Result.fail(`migrations: ${file} is badly named: wanted NNNN_verb_noun.ts, from 0001 on, in small letters`)
      )
    }
  )

  it("have each a number of their own", () => {
    assert.deepStrictEqual(
      stepsOf(["0001_baseline.ts", "0001_other.ts"]),
      Result.fail("migrations: 0001_baseline and 0001_other have the same number")
    )
  })

  it("are called by number and name", () => {
    assert.strictEqual(stepName(first), "0001_baseline")
  })
})

describe("the pending steps", () => {
  it("are all of them on a new database", () => {
    assert.deepStrictEqual(pendingSteps([first, second], []), Result.succeed([first, second]))
  })

  it("are those above the newest record", () => {
    assert.deepStrictEqual(pendingSteps([first, second, third], [first]), Result.succeed([second, third]))
  })

  it("are none at the newest step", () => {
    assert.deepStrictEqual(pendingSteps([first, second], [first, second]), Result.succeed([]))
  })

  it("are none on a database that a newer program has brought further", () => {
    assert.deepStrictEqual(pendingSteps([first], [first, second]), Result.succeed([]))
  })

  it("cannot be told when an older one was never applied, which is named", () => {
    assert.deepStrictEqual(
      pendingSteps([first, second, third], [first, third]),
      Result.fail("migrations: 0002_create_posts was never applied and is older than the newest one applied (0003)")
    )
  })
})
