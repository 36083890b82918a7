import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { runChecks, runAfter, failed, ok } from "../../../src/cli/doctor/Check.ts"

const fine = Effect.succeed(ok("as it should be"))
const broken = Effect.die(new Error("boom"))

describe("a check", () => {
  it.effect("that throws fails with its message, and does not prevent other checks", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* runChecks({ broken, fine }), [
        { name: "broken", state: "failed", what: "boom", fix: null },
        { name: "fine", state: "ok", what: "as it should be", fix: null }
      ])
    })
  )

  it.effect("that never ends fails at its deadline, even if it cannot be interrupted", () =>
    Effect.gen(function* () {
      const looking = yield* Effect.forkChild(runChecks({ slow: Effect.uninterruptible(Effect.never) }))
      yield* TestClock.adjust("15 seconds")
      assert.deepStrictEqual(yield* Fiber.join(looking), [
        { name: "slow", state: "failed", what: "no response in 15 s", fix: null }
      ])
    })
  )

  it.effect("is skipped if its server's check failed, and runs otherwise", () =>
    Effect.gen(function* () {
      const down = yield* runAfter("server", Effect.succeed(failed("away", "start it")), { fine })
      assert.deepStrictEqual(
        down.map(({ name, state }) => [name, state]),
        [
          ["server", "failed"],
          ["fine", "skipped"]
        ]
      )
      const up = yield* runAfter("server", Effect.succeed(ok("here")), { fine })
      assert.deepStrictEqual(
        up.map(({ state }) => state),
        ["ok", "ok"]
      )
    })
  )
})
