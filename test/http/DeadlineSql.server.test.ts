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

const statement = "SELECT pg_sleep(20)"

/** Routes that ask the database for longer than the deadline. */
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

const requestTimeoutMs = 500
const statementTimeoutMs = 2000

const asked = Effect.fnUntraced(function* (path: string) {
  const { url } = yield* freshDatabase
  const { port } = yield* sleepingServer({
    variables: {
      TBG_DATABASE_URL: Redacted.value(url),
      TBG_REQUEST_TIMEOUT_MS: String(requestTimeoutMs),
      TBG_DATABASE_STATEMENT_TIMEOUT_MS: String(statementTimeoutMs)
    }
  })
  const begun = performance.now()
  const answer = yield* answerTo(port, request(path))
  const answeredMs = performance.now() - begun
  const left = yield* sleeping.pipe(Effect.provide(testClient(url)))
  const none = Effect.repeat(sleeping, { until: (count) => count === 0, schedule: Schedule.spaced("20 millis") })
  yield* none.pipe(Effect.provide(testClient(url)))
  return { answer, answeredMs, left, endedMs: performance.now() - begun }
})

describe("the SQL of a request that runs past its deadline", () => {
  it.live.each(["/transaction", "/statement"])("is canceled if it has its own session: %s", (path) =>
    Effect.gen(function* () {
      const { answer, answeredMs, endedMs } = yield* asked(path)
      assert.strictEqual(answer.status, 503)
      assert.strictEqual(answer.headers["retry-after"], "1")
      assert.isBelow(answeredMs, requestTimeoutMs + 500)
      assert.isBelow(endedMs, statementTimeoutMs)
    })
  )

  it.live("is left to the statement timeout if its session is shared, and the caller gets its response", () =>
    Effect.gen(function* () {
      const { answer, answeredMs, endedMs, left } = yield* asked("/shared")
      assert.strictEqual(answer.status, 503)
      assert.isBelow(answeredMs, requestTimeoutMs + 500)
      assert.strictEqual(left, 1)
      assert.isBelow(endedMs, statementTimeoutMs + 1000)
    })
  )
})
