import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Redacted, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { Database } from "../../src/layers/Database.ts"
import { faultOfSqlError } from "../../src/layers/database/Fault.ts"
import { freshDatabase } from "../support/TestDatabase.ts"
import { databaseAt } from "../support/TestDatabaseLayer.ts"

const statement = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT 1`)
const waiting = Effect.flatMap(Database, (database) => Effect.map(database.figures, (figures) => figures.waiting))

const variables = {
  TBG_DATABASE_POOL_MAX: "1",
  // Longer than the test, so that only the limit of waiting callers can fail one.
  TBG_DATABASE_ACQUIRE_TIMEOUT_MS: "60000",
  TBG_DATABASE_STATEMENT_TIMEOUT_MS: "30000",
  TBG_MAX_IN_FLIGHT: "3"
}

describe("callers that wait for a session", () => {
  it.live("are at most as many as requests in flight; one more fails immediately", () =>
    Effect.gen(function* () {
      const { url } = yield* freshDatabase
      yield* Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* statement
        const holder = yield* Effect.forkChild(sql.withTransaction(sql`SELECT pg_sleep(30)`))
        const callers = yield* Effect.forkChild(Effect.all([statement, statement, statement], { concurrency: 3 }))
        yield* Effect.repeat(waiting, { until: (count) => count === 3, schedule: Schedule.spaced("5 millis") })
        assert.strictEqual(faultOfSqlError(yield* Effect.flip(statement)), "timeout")
        yield* Fiber.interrupt(holder)
        assert.lengthOf(yield* Fiber.join(callers), 3)
      }).pipe(Effect.provide(databaseAt(Redacted.value(url), variables)))
    }).pipe(Effect.scoped, Effect.timeout("20 seconds"))
  )
})
