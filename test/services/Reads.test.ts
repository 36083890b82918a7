import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import { ConnectionError, SqlError, UniqueViolation, UnknownError } from "effect/sql/SqlError"
import { TestClock } from "effect/testing"
import { makeRead } from "../../src/services/Reads.ts"

const cause = new Error("gone")
const sessionLost = new SqlError({ reason: new ConnectionError({ cause, operation: "query" }) })
const others = {
  "of a server that takes no connection": new ConnectionError({ cause, operation: "connect" }),
  "of a session that did not become free": new ConnectionError({ cause, operation: "acquire" }),
  "of another kind": new UnknownError({ cause, operation: "query" }),
  "of a constraint": new UniqueViolation({ cause, constraint: "posts_pkey", operation: "query" })
}

/** A statement that fails this many times, and counts its runs. */
const failing = (times: number, error = sessionLost) => {
  const runs = { count: 0 }
  const statement = Effect.suspend(() => {
    runs.count += 1
    return runs.count <= times ? Effect.fail(error) : Effect.succeed("rows")
  })
  return { runs, statement }
}

const ended = Effect.fnUntraced(function* <A, E>(effect: Effect.Effect<A, E>) {
  const fiber = yield* Effect.forkChild(Effect.exit(effect))
  yield* TestClock.adjust("1 second")
  return yield* Fiber.join(fiber)
})

describe("a read", () => {
  it.effect("is repeated once if its session was lost", () =>
    Effect.gen(function* () {
      const { runs, statement } = failing(1)
      assert.deepStrictEqual(yield* ended(makeRead()(statement)), Exit.succeed("rows"))
      assert.strictEqual(runs.count, 2)
    })
  )

  it.effect("is not repeated twice", () =>
    Effect.gen(function* () {
      const { runs, statement } = failing(2)
      assert.isTrue(Exit.isFailure(yield* ended(makeRead()(statement))))
      assert.strictEqual(runs.count, 2)
    })
  )

  it.effect.each(Object.entries(others))("is not repeated after a failure %s", ([, reason]) =>
    Effect.gen(function* () {
      const { runs, statement } = failing(1, new SqlError({ reason }))
      assert.isTrue(Exit.isFailure(yield* ended(makeRead()(statement))))
      assert.strictEqual(runs.count, 1)
    })
  )

  it.effect("is repeated for at most one in ten after the saved retries are spent", () =>
    Effect.gen(function* () {
      const read = makeRead()
      const { runs, statement } = failing(Number.POSITIVE_INFINITY)
      const retriesOf = Effect.fnUntraced(function* (count: number) {
        const before = runs.count
        yield* ended(
          Effect.all(
            Array.from({ length: count }, () => Effect.exit(read(statement))),
            { concurrency: "unbounded" }
          )
        )
        return runs.count - before - count
      })
      assert.isAtMost(yield* retriesOf(2000), 640 + 200)
      const later = yield* retriesOf(1000)
      assert.isAtLeast(later, 99)
      assert.isAtMost(later, 101)
    })
  )
})
