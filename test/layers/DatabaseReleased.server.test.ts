import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { IsShortRead } from "../../src/domain/Dependency.ts"
import { readsPerSession } from "../../src/layers/database/SharedReads.ts"
import { collectGarbage } from "../support/GarbageCollection.ts"
import { freshDatabase } from "../support/TestDatabase.ts"
import { databaseAt } from "../support/TestDatabaseLayer.ts"

/** The first row, not held. */
const firstOf = <E, R>(rows: Effect.Effect<ReadonlyArray<object>, E, R>) =>
  Effect.map(rows, ([row]) => new WeakRef(row ?? assert.fail("no row")))

describe("rows of short reads", () => {
  it.live("are released even if the statement of another read never ends", () =>
    Effect.gen(function* () {
      const { url } = yield* freshDatabase
      yield* Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const start = <A, E, R>(read: Effect.Effect<A, E, R>) =>
          Effect.forkChild(Effect.provideService(read, IsShortRead, true), { startImmediately: true })
        const one = sql`SELECT 'one' AS text`
        const asked = yield* Effect.forEach([firstOf(one), firstOf(one.values)], start)
        const others = yield* Effect.forEach(
          Array.from({ length: readsPerSession - 2 }, () => one),
          start
        )
        const behind = yield* start(sql`SELECT pg_sleep(60)`)
        const rows = yield* Fiber.joinAll(asked)
        yield* Fiber.joinAll(others)
        yield* collectGarbage
        assert.isUndefined(behind.pollUnsafe())
        assert.deepStrictEqual(
          rows.map((row) => row.deref()),
          [undefined, undefined]
        )
        yield* Fiber.interrupt(behind)
      }).pipe(Effect.provide(databaseAt(Redacted.value(url), { TBG_DATABASE_POOL_MAX: "2" })))
    })
  )
})
