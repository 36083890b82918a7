import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { IsShortRead } from "../../src/domain/Dependency.ts"
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
        const shortRead = Effect.provideService(IsShortRead, true)
        const asked = yield* Effect.forEach([firstOf(statement), firstOf(statement.values)], (row) =>
          Effect.forkChild(shortRead(row), { startImmediately: true })
        )
        // Queued behind them on their shared session, so that it always has a statement in flight.
        const behind = yield* Effect.forkChild(shortRead(sql`SELECT pg_sleep(60)`), { startImmediately: true })
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
