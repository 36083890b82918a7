import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { capturedLogs } from "../../support/CapturedLogs.ts"
import { isPreflight, makeCors, makeOriginWarning } from "../../../src/http/middleware/Cors.ts"

const dashboard = "http://localhost:5173"
const cors = makeCors([dashboard, "https://game.example"])
const preflight = { origin: dashboard, "access-control-request-method": "POST" }

describe("the warning about a rejected origin", () => {
  const asked = [
    { origin: dashboard, host: "localhost:8000" },
    { origin: "http://localhost:8000", host: "localhost:8000" },
    { origin: "http://localhost:5174", host: "localhost:8000" },
    { origin: "http://localhost:5174", host: "localhost:8000" },
    { origin: "null", host: "localhost:8000" },
    { host: "localhost:8000" }
  ]
  const warningsIn = Effect.fnUntraced(function* (environment: string) {
    const { layer, warnings } = yield* capturedLogs
    const withOriginWarning = makeOriginWarning(environment, [dashboard])
    yield* Effect.forEach(asked, (headers) => withOriginWarning(headers, Effect.void)).pipe(Effect.provide(layer))
    return warnings()
  })

  it.effect("names TBG_CORS_ORIGINS, once per origin, in development", () =>
    Effect.gen(function* () {
      const line = "CORS origin rejected; to allow it, add it to TBG_CORS_ORIGINS"
      assert.deepStrictEqual(yield* warningsIn("development"), [line, line])
    })
  )

  it.effect.each(["test", "staging", "production"])("is not logged in %s", (environment) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* warningsIn(environment), [])
    })
  )
})

describe("CORS", () => {
  it.each([dashboard, "https://game.example"])("names a listed origin: %s", (origin) => {
    assert.deepStrictEqual(cors.headers(origin), {
      "access-control-allow-origin": origin,
      "access-control-allow-credentials": "true",
      "access-control-expose-headers":
        "X-Request-Id, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, RateLimit, RateLimit-Policy, " +
        "Retry-After, ETag, Link, Location, Idempotency-Replayed"
    })
  })

  it.each([
    undefined,
    "",
    "*",
    "null",
    "http://localhost:5174",
    "https://localhost:5173",
    "http://localhost:5173/",
    "http://localhost:5173.evil.example",
    "http://localhost:5173, https://game.example",
    "HTTP://LOCALHOST:5173",
    "__proto__",
    "constructor"
  ])("sends no header to an unlisted origin: %s", (origin) => assert.deepStrictEqual(cors.headers(origin), {}))

  it("sends no header without a list", () => assert.deepStrictEqual(makeCors([]).headers(dashboard), {}))

  it("allows a listed origin's preflight the methods and the requested headers", () => {
    const asked = { ...preflight, "access-control-request-headers": "x-a, content-type" }
    assert.deepStrictEqual(cors.preflight(asked), {
      "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE, OPTIONS",
      "access-control-max-age": "600",
      "access-control-allow-headers": "x-a, content-type",
      vary: "Access-Control-Request-Headers"
    })
  })

  it.each([undefined, ""])("allows no headers if none are requested: %s", (asked) => {
    const answer = cors.preflight({ ...preflight, "access-control-request-headers": asked })
    assert.notProperty(answer, "access-control-allow-headers")
  })

  it("allows nothing to a preflight of an unlisted origin", () => {
    assert.deepStrictEqual(cors.preflight({ ...preflight, origin: "https://other.example" }), {})
  })

  it.each([
    ["OPTIONS", preflight, true],
    ["OPTIONS", { origin: dashboard }, false],
    ["OPTIONS", { "access-control-request-method": "POST" }, false],
    ["GET", preflight, false],
    ["HEAD", preflight, false]
  ])("recognizes a preflight by its method and two headers: %s %o", (method, headers, expected) => {
    assert.strictEqual(isPreflight(method, headers), expected)
  })
})
