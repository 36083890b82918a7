import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { SerializationError, SqlError, UniqueViolation } from "effect/sql/SqlError"
import { writes } from "../../src/services/Writes.ts"
import { unreachableDatabase } from "../support/UnreachableDatabase.ts"

const cause = new Error("could not serialize access due to concurrent update")
const conflict = new SqlError({ reason: new SerializationError({ cause, operation: "query" }) })
const duplicate = new SqlError({
  reason: new UniqueViolation({ cause, constraint: "posts_pkey", operation: "query" })
})

/** A statement that fails `times` with `error`; returns the outcome and the number of runs. */
const written = Effect.fnUntraced(function* (times: number, error: SqlError) {
  const write = yield* writes
  let runs = 0
  const statement = Effect.suspend(() => (++runs <= times ? Effect.fail(error) : Effect.succeed("row")))
  const exit = yield* Effect.exit(write(statement))
  return [exit, runs] as const
}, Effect.provide(unreachableDatabase))

describe("a write", () => {
  it.effect("is repeated after conflicts with concurrent changes", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* written(3, conflict), [Exit.succeed("row"), 4])
    })
  )

  it.effect("fails if the conflicts do not end", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* written(100, conflict), [Exit.fail(conflict), 21])
    })
  )

  it.effect("is not repeated after another failure", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* written(1, duplicate), [Exit.fail(duplicate), 1])
    })
  )
})
