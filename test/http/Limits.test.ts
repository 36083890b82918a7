import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { jsonOf, testRoutes } from "../support/TestRoutes.ts"

const names = [
  "x-ratelimit-limit",
  "x-ratelimit-remaining",
  "x-ratelimit-reset",
  "ratelimit-policy",
  "ratelimit",
  "retry-after"
]

const limitHeaders = ({ headers }: Response) =>
  Object.fromEntries(names.flatMap((name) => (headers.has(name) ? [[name, headers.get(name)]] : [])))

type Ask = (path: string, init?: RequestInit) => Effect.Effect<Response>

const statusesOf = (ask: Ask, path: string, times: number) =>
  Effect.map(
    Effect.forEach(Array.from({ length: times }), () => ask(path)),
    (responses) => responses.map(({ status }) => status)
  )

const all = (status: number, times: number) => Array.from({ length: times }, () => status)

describe("the address limit", () => {
  it.effect("allows 100 requests and denies the 101st until the window has passed", () =>
    Effect.gen(function* () {
      const ask = yield* testRoutes()
      assert.deepStrictEqual(yield* statusesOf(ask, "/version", 99), all(200, 99))
      assert.strictEqual((yield* ask("/version")).status, 200)
      const denied = yield* ask("/version")
      assert.strictEqual(denied.status, 429)
      assert.strictEqual(denied.headers.get("retry-after"), "60")
      assert.deepStrictEqual(yield* jsonOf(denied), { detail: "Rate limit exceeded. Try again later." })
      yield* TestClock.adjust("59999 millis")
      assert.strictEqual((yield* ask("/version")).status, 429)
      yield* TestClock.adjust("1 milli")
      assert.strictEqual((yield* ask("/version")).status, 200)
    })
  )

  it.effect("slides: each place becomes free by itself, at Retry-After", () =>
    Effect.gen(function* () {
      const ask = yield* testRoutes({
        variables: { TBG_RATE_LIMIT_REQUESTS: "2", TBG_RATE_LIMIT_WINDOW_SECONDS: "10" }
      })
      yield* ask("/version")
      yield* TestClock.adjust("4 seconds")
      yield* ask("/version")
      yield* TestClock.adjust("1500 millis")
      const denied = yield* ask("/version")
      assert.deepStrictEqual(limitHeaders(denied), {
        "x-ratelimit-limit": "2",
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": "9",
        "ratelimit-policy": '"ip";q=2;w=10',
        ratelimit: '"ip";r=0;t=9',
        "retry-after": "5"
      })
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(yield* statusesOf(ask, "/version", 2), [200, 429])
    })
  )

  it.effect("is reported on every limited response and no other", () =>
    Effect.gen(function* () {
      const ask = yield* testRoutes()
      assert.deepStrictEqual(limitHeaders(yield* ask("/version")), {
        "x-ratelimit-limit": "100",
        "x-ratelimit-remaining": "99",
        "x-ratelimit-reset": "60",
        "ratelimit-policy": '"ip";q=100;w=60',
        ratelimit: '"ip";r=99;t=60'
      })
      assert.strictEqual((yield* ask("/openapi.json")).headers.get("x-ratelimit-remaining"), "98")
      assert.strictEqual((yield* ask("/version", { method: "HEAD" })).headers.get("x-ratelimit-remaining"), "97")
      for (const path of ["/health", "/health/db", "/v1/healthz", "/v1/limits", "/api/v1/public/health"]) {
        assert.deepStrictEqual(limitHeaders(yield* ask(path)), {}, path)
      }
      assert.deepStrictEqual(limitHeaders(yield* ask("/version", { method: "POST" })), {})
    })
  )

  it.effect("does not apply to 200 requests to /health", () =>
    Effect.gen(function* () {
      const ask = yield* testRoutes({ variables: { TBG_RATE_LIMIT_REQUESTS: "1" } })
      assert.deepStrictEqual(yield* statusesOf(ask, "/health", 200), all(200, 200))
    })
  )

  it.effect("covers unknown paths in any spelling, in the error format of each surface", () =>
    Effect.gen(function* () {
      const ask = yield* testRoutes({ variables: { TBG_RATE_LIMIT_REQUESTS: "5" } })
      const statuses = yield* Effect.forEach(
        ["/nothing", "//version", "/Version", "/version/", "/v1/nothing"],
        (path) => ask(path)
      )
      assert.deepStrictEqual(
        statuses.map(({ status }) => status),
        all(404, 5)
      )
      const denied = yield* ask("/v1/nothing")
      assert.strictEqual(denied.status, 429)
      assert.deepStrictEqual(yield* jsonOf(denied), {
        error: "Rate limited",
        code: "RATE_LIMITED",
        details: {
          request_id: denied.headers.get("x-request-id"),
          doc_url: "/errors/rate-limited",
          hint: "Wait the number of seconds in Retry-After, then retry"
        }
      })
      assert.strictEqual((yield* ask("/version")).status, 429)
      assert.strictEqual((yield* ask("/openapi.json")).status, 429)
    })
  )

  it.effect("does not deny a preflight, and a listed origin can read a denial", () =>
    Effect.gen(function* () {
      const ask = yield* testRoutes({ variables: { TBG_RATE_LIMIT_REQUESTS: "1" } })
      const origin = "http://localhost:5173"
      yield* ask("/version")
      const preflight = yield* ask("/version", {
        method: "OPTIONS",
        headers: { origin, "access-control-request-method": "GET" }
      })
      assert.strictEqual(preflight.status, 204)
      assert.deepStrictEqual(limitHeaders(preflight), {})
      const denied = yield* ask("/version", { headers: { origin, accept: "application/problem+json" } })
      assert.strictEqual(denied.headers.get("access-control-allow-origin"), origin)
      assert.include(denied.headers.get("access-control-expose-headers") ?? "", "RateLimit-Policy")
      assert.deepInclude(yield* jsonOf(denied), { status: 429, code: "RATE_LIMITED", title: "Rate limited" })
    })
  )

  it.effect("counts and logs but denies nothing in shadow mode", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const variables = { TBG_RATE_LIMIT_REQUESTS: "1", TBG_RATE_LIMIT_MODE: "shadow" }
      const ask = yield* testRoutes({ variables, write: (line) => void lines.push(line) })
      assert.deepStrictEqual(yield* statusesOf(ask, "/version", 2), [200, 200])
      assert.deepStrictEqual(
        lines.map((line) => Object(JSON.parse(line)).limited_by),
        [null, "ip"]
      )
      assert.deepInclude(limitHeaders(yield* ask("/version")), { "x-ratelimit-remaining": "0" })
    })
  )

  it.effect("counts and reports nothing if it is off", () =>
    Effect.gen(function* () {
      const ask = yield* testRoutes({ variables: { TBG_RATE_LIMIT_REQUESTS: "1", TBG_RATE_LIMIT_MODE: "off" } })
      assert.deepStrictEqual(yield* statusesOf(ask, "/version", 3), all(200, 3))
      assert.deepStrictEqual(limitHeaders(yield* ask("/version")), {})
      assert.deepStrictEqual(yield* Effect.flatMap(ask("/v1/limits"), jsonOf), { limits: [] })
    })
  )
})

describe("GET /v1/limits", () => {
  it.effect("reports what is left without spending it", () =>
    Effect.gen(function* () {
      const ask = yield* testRoutes()
      yield* ask("/version")
      yield* TestClock.adjust("500 millis")
      yield* ask("/v1/limits")
      assert.deepStrictEqual(yield* Effect.flatMap(ask("/v1/limits"), jsonOf), {
        limits: [
          { policy: "ip", limit: 100, remaining: 99, reset_seconds: 60, window_seconds: 60 },
          { policy: "key", limit: 60, remaining: 60, reset_seconds: 0, window_seconds: 60 }
        ]
      })
    })
  )
})
