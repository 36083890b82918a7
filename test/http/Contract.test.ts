import { assert, describe, it, layer } from "@effect/vitest"
import { Effect } from "effect"
import { answerTo, request } from "../support/RawHttp.ts"
import { FaultyServer, realServer } from "../support/TestEdge.ts"

const dashboard = "http://localhost:5173"

describe("behavior that the dashboard relies on", () => {
  it.live("generates request ids of 36 characters", () =>
    Effect.gen(function* () {
      const { port } = yield* realServer()
      const answer = yield* answerTo(port, request("/health"))
      assert.strictEqual(answer.headers["x-request-id"]?.length, 36)
    })
  )

  it.live("returns the request id test-123", () =>
    Effect.gen(function* () {
      const { port } = yield* realServer()
      const answer = yield* answerTo(port, request("/health", { headers: { "X-Request-Id": "test-123" } }))
      assert.strictEqual(answer.headers["x-request-id"], "test-123")
    })
  )

  it.live.each(["/health", "/v1/healthz", "/nothing"])("allows a preflight from its origin: %s", (path) =>
    Effect.gen(function* () {
      const { port } = yield* realServer()
      const headers = {
        Origin: dashboard,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization,x-request-id"
      }
      const answer = yield* answerTo(port, request(path, { method: "OPTIONS", headers }))
      assert.strictEqual(answer.status, 204)
      assert.strictEqual(answer.headers["access-control-allow-origin"], dashboard)
      assert.strictEqual(answer.headers["access-control-allow-credentials"], "true")
      assert.strictEqual(answer.headers["access-control-allow-methods"], "GET, POST, PUT, PATCH, DELETE, OPTIONS")
      assert.strictEqual(answer.headers["access-control-allow-headers"], "authorization,x-request-id")
      assert.strictEqual(answer.headers["access-control-max-age"], "600")
      assert.strictEqual(answer.headers["vary"], "Origin, Access-Control-Request-Headers")
    })
  )

  it.live("answers a preflight from another origin without allowing it", () =>
    Effect.gen(function* () {
      const { port } = yield* realServer()
      const headers = { Origin: "https://other.example", "Access-Control-Request-Method": "GET" }
      const answer = yield* answerTo(port, request("/health", { method: "OPTIONS", headers }))
      assert.strictEqual(answer.status, 204)
      assert.isEmpty(Object.keys(answer.headers).filter((name) => name.startsWith("access-control-")))
    })
  )

  it.live('answers an unknown path with exactly {"detail":"Not found"}', () =>
    Effect.gen(function* () {
      const { port } = yield* realServer()
      const answer = yield* answerTo(port, request("/nothing"))
      assert.strictEqual(answer.status, 404)
      assert.strictEqual(answer.body, '{"detail":"Not found"}')
    })
  )

  it.live("sends Strict-Transport-Security in production", () =>
    Effect.gen(function* () {
      const secret = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978"
      const { port } = yield* realServer({
        variables: {
          TBG_ENVIRONMENT: "production",
          TBG_SECRET_KEY: secret,
          TBG_DATABASE_URL: "postgresql://tbg@db.example/tbg",
          TBG_REDIS_URL: "redis://redis.example",
          TBG_PUBLIC_URL: "https://game.example.com"
        }
      })
      for (const bytes of [request("/health"), request("/nothing"), "GARBAGE\r\n\r\n"]) {
        const { headers } = yield* answerTo(port, bytes)
        assert.strictEqual(headers["strict-transport-security"], "max-age=31536000; includeSubDomains")
      }
    })
  )
})

layer(FaultyServer.layer(), { excludeTestServices: true })("an internal error", (it) => {
  it.effect('is exactly {"detail":"Internal server error"}', () =>
    Effect.gen(function* () {
      const { port } = yield* FaultyServer
      const answer = yield* answerTo(port, request("/faulty/defect"))
      assert.strictEqual(answer.status, 500)
      assert.strictEqual(answer.body, '{"detail":"Internal server error"}')
    })
  )
})
