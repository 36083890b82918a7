import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Ref } from "effect"
import { ConnectionError, SqlError, SqlSyntaxError } from "effect/sql/SqlError"
import { TestClock } from "effect/testing"
import { LeadershipLost } from "../../../src/services/mining/Leadership.ts"
import { repeatFold } from "../../../src/services/weeks/FoldLoop.ts"
import { capturedLogs } from "../../support/CapturedLogs.ts"

const lease = { holder: "test", term: "1" }
const cause = new Error("no answer")
const unreachable = new SqlError({ reason: new ConnectionError({ cause, operation: "query" }) })
const wrong = new SqlError({ reason: new SqlSyntaxError({ cause, operation: "query" }) })

/** Runs the loop over outcomes of `next`, the last of which repeats; counts calls. */
const loopOver = Effect.fnUntraced(function* (
  outcomes: ReadonlyArray<Effect.Effect<boolean, SqlError | LeadershipLost>>
) {
  const begun = yield* Ref.make(0)
  const calls = yield* Ref.make(0)
  const next = () =>
    Effect.flatMap(
      Ref.getAndUpdate(calls, (count) => count + 1),
      (count) => outcomes[Math.min(count, outcomes.length - 1)] ?? Effect.succeed(false)
    )
  const fiber = yield* Effect.forkChild(repeatFold({ begin: Ref.update(begun, (count) => count + 1), next }, lease))
  /** Calls of `next` after a pause. */
  const after = (pause: "0 millis" | "250 millis" | "750 millis" | "1 second" | "29 seconds" | "30 seconds") =>
    TestClock.adjust(pause).pipe(
      Effect.andThen(Effect.repeat(Effect.yieldNow, { times: 20 })),
      Effect.andThen(Ref.get(calls))
    )
  return { fiber, begun: Ref.get(begun), after }
})

describe("repeatFold", () => {
  it.effect("begins once, folds again at once while more is waiting, and after that every 250 ms", () =>
    Effect.gen(function* () {
      const { after, begun } = yield* loopOver([Effect.succeed(true), Effect.succeed(true), Effect.succeed(false)])
      assert.strictEqual(yield* after("0 millis"), 3)
      assert.strictEqual(yield* after("250 millis"), 4)
      assert.strictEqual(yield* after("1 second"), 8)
      assert.strictEqual(yield* begun, 1)
    })
  )

  it.effect("retries a second after Postgres was lost, and logs nothing, because the projection does", () =>
    Effect.gen(function* () {
      const { entries, layer } = yield* capturedLogs
      yield* Effect.gen(function* () {
        const { after, begun } = yield* loopOver([Effect.fail(unreachable), Effect.succeed(false)])
        assert.strictEqual(yield* after("250 millis"), 1)
        assert.strictEqual(yield* after("750 millis"), 2)
        assert.strictEqual(yield* begun, 1)
      }).pipe(Effect.provide(layer))
      assert.deepStrictEqual(entries, [])
    })
  )

  it.effect("logs another failure and a defect, and retries after 30 seconds", () =>
    Effect.gen(function* () {
      const { entries, layer } = yield* capturedLogs
      yield* Effect.gen(function* () {
        const { after } = yield* loopOver([Effect.fail(wrong), Effect.die(cause), Effect.succeed(false)])
        assert.strictEqual(yield* after("29 seconds"), 1)
        assert.strictEqual(yield* after("1 second"), 2)
        assert.strictEqual(yield* after("30 seconds"), 3)
      }).pipe(Effect.provide(layer))
      assert.deepStrictEqual(
        entries.map(({ level }) => level),
        ["Error", "Error"]
      )
    })
  )

  it.effect("ends when another process leads", () =>
    Effect.gen(function* () {
      const { fiber } = yield* loopOver([Effect.fail(new LeadershipLost())])
      assert.strictEqual((yield* Effect.flip(Fiber.join(fiber)))._tag, "LeadershipLost")
    })
  )
})
