import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Redacted, Scope } from "effect"
import { get, getUntil } from "./support/Http.ts"
import { latestMigration } from "./support/OwnMigrations.ts"
import { freshDatabase } from "./support/TestDatabase.ts"
import { testServer } from "./support/TestServer.ts"
import { throwawayRedis } from "./support/ThrowawayRedis.ts"

describe("App", () => {
  it.live("serves every route on a real Postgres and Redis", () =>
    Effect.gen(function* () {
      const { url } = yield* freshDatabase
      const redis = yield* throwawayRedis()
      const service = yield* testServer({ TBG_DATABASE_URL: Redacted.value(url), TBG_REDIS_URL: redis.url })
      const paths = [
        "/health",
        "/ready",
        "/version",
        "/health/db",
        "/api/v1/public/health",
        "/api/v1/public/health/ready",
        "/v1/healthz",
        "/openapi.json",
        "/v1/openapi.json"
      ]
      const answers = yield* Effect.all(paths.map((path) => get(`${service}${path}`)))
      assert.deepStrictEqual(
        answers.map(({ status }) => status),
        paths.map(() => 200)
      )
    })
  )

  it.live("serves every route on the embedded database and limiter", () =>
    Effect.gen(function* () {
      const service = yield* testServer()
      assert.deepStrictEqual((yield* get(`${service}/ready`)).body, {
        status: "ready",
        checks: { database: "ok", redis: "ok" }
      })
    })
  )

  it.live("fails to start if the database does not answer in time", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        testServer({
          TBG_DATABASE_URL: "postgresql://user:password@127.0.0.1:1/db",
          TBG_DATABASE_START_TIMEOUT_MS: "100"
        })
      )
      assert.strictEqual(error._tag, "DatabaseUnavailable")
      assert.strictEqual(
        error.message,
        "Postgres 127.0.0.1:1/db unreachable: no connection (retried for 0.1 s); start Postgres, or correct the host and port in TBG_DATABASE_URL"
      )
    })
  )

  it.live("reads the schema version after a separate job has migrated", () =>
    Effect.gen(function* () {
      const { url } = yield* freshDatabase
      const variables = { TBG_DATABASE_URL: Redacted.value(url), TBG_RATE_LIMIT_MODE: "off" }
      const waiting = yield* testServer({ ...variables, TBG_MIGRATE_ON_START: "false" })
      assert.propertyVal((yield* get(`${waiting}/version`)).body, "schema", null)
      yield* testServer(variables)
      const newest = yield* latestMigration
      const known = yield* Effect.repeat(get(`${waiting}/version`), {
        until: ({ body }) => JSON.stringify(body).includes(`"schema":"${newest}"`)
      })
      assert.propertyVal(known.body, "schema", newest)
    })
  )

  it.live('reports "draining" at /ready while it still serves', () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const service = yield* Scope.provide(testServer({ TBG_SHUTDOWN_DELAY_MS: "500" }), scope)
      const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void))
      assert.propertyVal((yield* getUntil(`${service}/ready`, 503)).body, "status", "draining")
      assert.strictEqual((yield* get(`${service}/health`)).status, 200)
      yield* Effect.exit(Effect.repeat(get(`${service}/health`), { while: ({ status }) => status === 200 }))
      closing.interruptUnsafe()
    })
  )
})
