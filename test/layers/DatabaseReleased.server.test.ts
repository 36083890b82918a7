import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { collectGarbage } from "../support/Garbage.ts"
import { freshDatabase } from "../support/TestDatabase.ts"
import { databaseAt } from "../support/TestDatabaseLayer.ts"

/** The first row, not held. */
const firstOf = <E, R>(rows: Effect.Effect<ReadonlyArray<object>, E, R>) =>
  Effect.map(rows, ([row]) => new WeakRef(row ?? assert.fail("no row")))

describe("rows that a caller has done with", () => {
  it.live("are no longer held by a session that has another statement on its way", () =>
    Effect.gen(function* () {
      const { url } = yield* freshDatabase
      yield* Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const statement = sql`SELECT 'one' AS text`
        const asked = yield* Effect.forEach([firstOf(statement), firstOf(statement.values)], (row) =>
          Effect.forkChild(row, { startImmediately: true })
        )
        // On the same session, behind them: it always has something to wait for.
        const behind = yield* Effect.forkChild(sql`SELECT pg_sleep(60)`, { startImmediately: true })
        const ended = yield* Fiber.joinAll(asked)
        yield* collectGarbage
        assert.isUndefined(behind.pollUnsafe())
        assert.deepStrictEqual(
          ended.map((row) => row.deref()),
          [undefined, undefined]
        )
        yield* Fiber.interrupt(behind)
      }).pipe(Effect.provide(databaseAt(Redacted.value(url), { TBG_DATABASE_POOL_MAX: "1" })))
    })
  )
})
