import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { DependencyDown } from "../../src/domain/Dependency.ts"
import { jsonOf, testRoutes } from "../support/TestRoutes.ts"

const unreachable = Effect.fail(new DependencyDown({ fault: "unreachable" }))

describe("the health routes", () => {
  it.effect("returns exactly healthy at GET /health", () =>
    Effect.gen(function* () {
      const get = yield* testRoutes()
      const response = yield* get("/health")
      assert.strictEqual(response.status, 200)
      assert.strictEqual(response.headers.get("content-type"), "application/json")
      assert.strictEqual(yield* Effect.promise(() => response.text()), '{"status":"healthy"}')
    })
  )

  it.effect("returns no body to HEAD /health", () =>
    Effect.gen(function* () {
      const get = yield* testRoutes()
      const response = yield* get("/health", { method: "HEAD" })
      assert.strictEqual(response.status, 200)
      assert.strictEqual(yield* Effect.promise(() => response.text()), "")
    })
  )

  it.effect.each(["/ready", "/api/v1/public/health/ready"])("returns exactly ready at GET %s", (path) =>
    Effect.gen(function* () {
      const get = yield* testRoutes()
      const response = yield* get(path)
      assert.strictEqual(response.status, 200)
      assert.strictEqual(
        yield* Effect.promise(() => response.text()),
        '{"status":"ready","checks":{"database":"ok","redis":"ok"}}'
      )
    })
  )

  it.effect.each(["/ready", "/api/v1/public/health/ready"])("returns 503 without Postgres at GET %s", (path) =>
    Effect.gen(function* () {
      const get = yield* testRoutes({ readiness: { database: unreachable } })
      const response = yield* get(path)
      assert.strictEqual(response.status, 503)
      assert.deepStrictEqual(yield* jsonOf(response), {
        status: "degraded",
        checks: { database: "error: unreachable", redis: "ok" }
      })
    })
  )

  it.effect("returns 200 and degraded without Redis at GET /ready", () =>
    Effect.gen(function* () {
      const get = yield* testRoutes({ readiness: { redis: unreachable } })
      const response = yield* get("/ready")
      assert.strictEqual(response.status, 200)
      assert.deepStrictEqual(yield* jsonOf(response), {
        status: "degraded",
        checks: { database: "ok", redis: "error: unreachable" }
      })
    })
  )

  it.effect("returns version, uptime and schema at GET /version", () =>
    Effect.gen(function* () {
      const get = yield* testRoutes()
      assert.deepStrictEqual(yield* Effect.flatMap(get("/version"), jsonOf), {
        version: "1.2.3",
        environment: "test",
        build_sha: "abc123",
        uptime_seconds: 0,
        schema: "0001_baseline"
      })
    })
  )

  it.effect("returns null for an unknown schema at GET /version", () =>
    Effect.gen(function* () {
      const get = yield* testRoutes({ database: { migration: Effect.succeed(undefined) } })
      const body = yield* Effect.flatMap(get("/version"), jsonOf)
      assert.propertyVal(body, "schema", null)
    })
  )

  it.effect("reports the database, its pool and its schema at GET /health/db", () =>
    Effect.gen(function* () {
      const get = yield* testRoutes()
      const response = yield* get("/health/db")
      assert.strictEqual(response.status, 200)
      assert.deepStrictEqual(yield* jsonOf(response), {
        status: "healthy",
        response_time_ms: 0,
        pool: { max: 20, total: 3, active: 2, idle: 1, waiting: 0 },
        migration: "0001_baseline",
        drift: "none",
        error: null
      })
    })
  )

  it.effect("returns 503 in the same shape without Postgres at GET /health/db", () =>
    Effect.gen(function* () {
      const get = yield* testRoutes({
        readiness: { database: unreachable },
        database: { migration: Effect.succeed(undefined), drift: Effect.succeed("unknown") }
      })
      const response = yield* get("/health/db")
      assert.strictEqual(response.status, 503)
      assert.deepStrictEqual(yield* jsonOf(response), {
        status: "unhealthy",
        response_time_ms: 0,
        pool: { max: 20, total: 3, active: 2, idle: 1, waiting: 0 },
        migration: null,
        drift: "unknown",
        error: "unreachable"
      })
    })
  )

  it.effect("returns version and uptime at GET /api/v1/public/health", () =>
    Effect.gen(function* () {
      const get = yield* testRoutes()
      assert.deepStrictEqual(yield* Effect.flatMap(get("/api/v1/public/health"), jsonOf), {
        status: "healthy",
        version: "1.2.3",
        uptime_seconds: 0
      })
    })
  )

  it.effect("returns the build at GET /v1/healthz", () =>
    Effect.gen(function* () {
      const get = yield* testRoutes()
      assert.deepStrictEqual(yield* Effect.flatMap(get("/v1/healthz"), jsonOf), { status: "ok", buildSha: "abc123" })
    })
  )
})
