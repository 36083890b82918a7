import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { examined, examinedAll, examinedBehind, failed, ok } from "../../../src/cli/doctor/Check.ts"

const fine = { name: "fine", look: Effect.succeed(ok("as it should be")) }
const broken = { name: "broken", look: Effect.die(new Error("boom")) }

describe("a check", () => {
  it.effect("that breaks has failed, with its words, and keeps no other from being made", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* examinedAll([broken, fine]), [
        { name: "broken", state: "failed", what: "boom", mend: null },
        { name: "fine", state: "ok", what: "as it should be", mend: null }
      ])
    })
  )

  it.effect("that does not end has failed after its deadline, even where it cannot be given up", () =>
    Effect.gen(function* () {
      const looking = yield* Effect.forkChild(examined({ name: "slow", look: Effect.uninterruptible(Effect.never) }))
      yield* TestClock.adjust("15 seconds")
      assert.deepStrictEqual(yield* Fiber.join(looking), {
        name: "slow",
        state: "failed",
        what: "no answer in 15 s",
        mend: null
      })
    })
  )

  it.effect("is skipped behind a server that has failed, and made behind one that answers", () =>
    Effect.gen(function* () {
      const down = yield* examinedBehind({ name: "server", look: Effect.succeed(failed("away", "start it")) }, [fine])
      assert.deepStrictEqual(
        down.map(({ name, state }) => [name, state]),
        [
          ["server", "failed"],
          ["fine", "skipped"]
        ]
      )
      const up = yield* examinedBehind({ name: "server", look: Effect.succeed(ok("here")) }, [fine])
      assert.deepStrictEqual(
        up.map(({ state }) => state),
        ["ok", "ok"]
      )
    })
  )
})
