import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { deployed } from "../support/ConfigFrom.ts"
import { expositionOf, valuesOf } from "../support/Exposition.ts"
import { freshRegistry } from "../support/MetricRegistry.ts"
import { answerTo, request } from "../support/RawHttp.ts"
import { realServer } from "../support/TestEdge.ts"
import { testRoutes } from "../support/TestRoutes.ts"

const token = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
const withToken = { TBG_METRICS_TOKEN: token }
const count = "http_request_duration_seconds_count"

const textOf = (response: Response): Effect.Effect<string> => Effect.promise(() => response.text())

describe("GET /metrics", () => {
  it.effect("returns the exposition format with its content type", () =>
    Effect.gen(function* () {
      const get = yield* testRoutes()
      yield* get("/version")
      const response = yield* get("/metrics")
      assert.strictEqual(response.status, 200)
      assert.strictEqual(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8")
      const text = yield* textOf(response)
      assert.includeMembers(
        [...expositionOf(text).keys()],
        ["http_request_duration_seconds", "tbg_rate_limit_decisions_total"]
      )
      assert.deepStrictEqual(valuesOf(text, count, { method: "GET", route: "/version", status: "200" }), [1])
    }).pipe(freshRegistry)
  )

  it.effect("returns no body to HEAD", () =>
    Effect.gen(function* () {
      const get = yield* testRoutes()
      const response = yield* get("/metrics", { method: "HEAD" })
      assert.strictEqual(response.status, 200)
      assert.strictEqual(yield* textOf(response), "")
    }).pipe(freshRegistry)
  )

  it.effect("accepts the token", () =>
    Effect.gen(function* () {
      const get = yield* testRoutes({ variables: { ...deployed("production"), ...withToken } })
      const response = yield* get("/metrics", { headers: { authorization: `Bearer ${token}` } })
      assert.strictEqual(response.status, 200)
    }).pipe(freshRegistry)
  )

  it.effect.each([
    ["no token", {}, "Bearer"],
    ["another token", { authorization: `Bearer ${token}x` }, 'Bearer error="invalid_token"'],
    ["the token in another scheme", { authorization: `Basic ${token}` }, "Bearer"]
  ] as const)("returns 401 to %s", ([, headers, challenge]) =>
    Effect.gen(function* () {
      const get = yield* testRoutes({ variables: withToken })
      const response = yield* get("/metrics", { headers })
      assert.strictEqual(response.status, 401)
      assert.strictEqual(response.headers.get("www-authenticate"), challenge)
      assert.strictEqual(yield* textOf(response), '{"detail":"Not authenticated"}')
    }).pipe(freshRegistry)
  )

  it.effect.each([
    ["in staging without a token", deployed("staging")],
    ["in production without a token", deployed("production")],
    ["where it is turned off", { TBG_METRICS_ENABLED: "false" }]
  ] as const)("is 404 like an unknown path %s", ([, variables]) =>
    Effect.gen(function* () {
      const get = yield* testRoutes({ variables })
      for (const method of ["GET", "POST"]) {
        const response = yield* get("/metrics", { method })
        assert.strictEqual(response.status, 404)
        assert.strictEqual(yield* textOf(response), '{"detail":"Not found"}')
        assert.isTrue(response.headers.has("ratelimit"))
      }
    }).pipe(freshRegistry)
  )

  it.effect("is neither limited nor logged", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const get = yield* testRoutes({ variables: { TBG_RATE_LIMIT_REQUESTS: "1" }, write: (line) => lines.push(line) })
      const statuses = yield* Effect.forEach([1, 2, 3], () => Effect.map(get("/metrics"), ({ status }) => status))
      assert.deepStrictEqual(statuses, [200, 200, 200])
      assert.isEmpty(lines)
    }).pipe(freshRegistry)
  )

  it.effect("contains no secret and nothing about a caller", () =>
    Effect.gen(function* () {
      const get = yield* testRoutes({ variables: { ...deployed("staging"), ...withToken } })
      yield* get("/canary-path?canary-query", {
        headers: { authorization: "Bearer canary-key", "x-request-id": "canary-id" }
      })
      const text = yield* Effect.flatMap(get("/metrics", { headers: { authorization: `Bearer ${token}` } }), textOf)
      assert.notInclude(text, token)
      assert.notInclude(text, "canary")
      assert.notInclude(text, "hunter2")
    }).pipe(freshRegistry)
  )
})

describe("the request metrics", () => {
  it.live("have as many series after 10,000 random paths and methods as after one of each kind", () =>
    Effect.gen(function* () {
      const get = yield* testRoutes({ variables: { TBG_RATE_LIMIT_MODE: "off", TBG_MAX_EVENT_LOOP_DELAY_MS: "0" } })
      const series = Effect.map(Effect.flatMap(get("/metrics"), textOf), (text) =>
        [...expositionOf(text).values()].reduce((sum, { samples }) => sum + samples.length, 0)
      )
      const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "MADE-UP"]
      yield* Effect.forEach(methods, (method) => get("/nothing", { method }))
      yield* series
      const before = yield* series
      const made = fc.sample(
        fc.tuple(
          fc.webPath({ size: "small" }).map((path) => `/x${path}`),
          fc.oneof(fc.constantFrom(...methods), fc.stringMatching(/^[A-Z]{6,20}$/))
        ),
        { numRuns: 10_000, seed: 1 }
      )
      assert.isAbove(new Set(made.map(([path]) => path)).size, 1000)
      yield* Effect.forEach(made, ([path, method]) => get(path, { method }), { concurrency: 64 })
      assert.strictEqual(yield* series, before)
    }).pipe(freshRegistry)
  )

  it.live("count requests rejected by the parser, without a route", () =>
    Effect.gen(function* () {
      const { port } = yield* realServer()
      yield* answerTo(port, "GARBAGE\r\n\r\n")
      yield* answerTo(port, request("/health", { headers: { Expect: "the-moon" } }))
      yield* answerTo(port, request("localhost:80", { method: "CONNECT" }))
      const { body } = yield* answerTo(port, request("/metrics"))
      const counted = (status: string) => valuesOf(body, count, { route: "unmatched", status })
      assert.deepStrictEqual(counted("400"), [1])
      assert.deepStrictEqual(counted("417"), [1])
      assert.deepStrictEqual(counted("405"), [1])
    }).pipe(freshRegistry)
  )
})
