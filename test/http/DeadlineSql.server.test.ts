import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted, Schedule } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { SqlClient } from "effect/sql"
import { makeRecordRoute } from "../../src/http/middleware/Common.ts"
import { IsShortRead } from "../../src/domain/Dependency.ts"
import { Database } from "../../src/layers/Database.ts"
import { answerTo, request } from "../support/RawHttp.ts"
import { freshDatabase, testClient } from "../support/TestDatabase.ts"
import { routesServer } from "../support/TestEdge.ts"

const statement = "SELECT pg_sleep(600)"

/** Routes whose queries take longer than the deadline. */
const SleepingRoutes = HttpRouter.use((router) =>
  Effect.gen(function* () {
    const asRoute = yield* makeRecordRoute
    const sql = yield* SqlClient.SqlClient
    const slept = Effect.as(Effect.orDie(sql.unsafe(statement)), HttpServerResponse.empty())
    yield* router.add("GET", "/shared", asRoute("/shared")(Effect.provideService(slept, IsShortRead, true)))
    yield* router.add("GET", "/statement", asRoute("/statement")(slept))
    yield* router.add("GET", "/transaction", asRoute("/transaction")(Effect.orDie(sql.withTransaction(slept))))
  })
)

const sleepingServer = routesServer(Layer.provide(SleepingRoutes, Database.layer))

const sleeping = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql`SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND state = 'active' AND query = ${statement}`
  return rows.length
})

const asked = Effect.fnUntraced(function* (path: string, statementTimeoutMs: number) {
  const { url } = yield* freshDatabase
  const { port } = yield* sleepingServer({
    variables: {
      TBG_DATABASE_URL: Redacted.value(url),
      TBG_REQUEST_TIMEOUT_MS: "500",
      TBG_DATABASE_STATEMENT_TIMEOUT_MS: String(statementTimeoutMs)
    }
  })
  const answer = yield* answerTo(port, request(path))
  const left = yield* sleeping.pipe(Effect.provide(testClient(url)))
  const none = Effect.repeat(sleeping, { until: (count) => count === 0, schedule: Schedule.spaced("20 millis") })
  yield* none.pipe(Effect.provide(testClient(url)))
  return { answer, left }
})

describe("the SQL of a request that runs past its deadline", () => {
  it.live.each(["/transaction", "/statement"])("is canceled if it has its own session: %s", (path) =>
    Effect.gen(function* () {
      // Only the deadline can end this statement before the test's own timeout.
      const { answer } = yield* asked(path, 600_000)
      assert.strictEqual(answer.status, 503)
      assert.strictEqual(answer.headers["retry-after"], "1")
    })
  )

  it.live("is left to the statement timeout if its session is shared, and the caller gets its response", () =>
    Effect.gen(function* () {
      const { answer, left } = yield* asked("/shared", 2000)
      assert.strictEqual(answer.status, 503)
      assert.strictEqual(left, 1)
    })
  )
})
