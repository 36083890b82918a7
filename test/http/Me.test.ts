import { assert, describe, it } from "@effect/vitest"
import { Effect, References } from "effect"
import { TestClock } from "effect/testing"
import { inspect } from "node:util"
import { openApiDocument } from "../../src/http/docs/OpenApiDocument.ts"
import { answerTo, request } from "../support/RawHttp.ts"
import { realServer } from "../support/TestEdge.ts"
import { jsonOf, testRoutes } from "../support/TestRoutes.ts"
import { answering, away, goodClaims, signingKey, testIssuer, tokenBy } from "../support/Tokens.ts"

/** The real routes, which accept tokens signed by `key`. */
const fixture = Effect.fnUntraced(function* (variables: Record<string, string> = {}) {
  const key = yield* signingKey("ES256", "a")
  const issuer = testIssuer(answering(key))
  const ask = yield* testRoutes({ issuer: issuer.tokens, variables })
  const me = (authorization: string | undefined, init: RequestInit = {}) => {
    const headers = new Headers(init.headers)
    if (authorization !== undefined) headers.set("authorization", authorization)
    return ask("/api/v1/me", { ...init, headers })
  }
  return { key, issuer, me }
})

describe("GET /api/v1/me", () => {
  it.effect("returns the token's subject and claims", () =>
    Effect.gen(function* () {
      const { key, me } = yield* fixture()
      const claims = { email: "a@example.com", app_metadata: { roles: ["player", 1, null] } }
      const response = yield* me(`Bearer ${yield* tokenBy(key, claims)}`)
      assert.strictEqual(response.status, 200)
      assert.strictEqual(response.headers.get("cache-control"), "no-store")
      assert.deepStrictEqual(yield* jsonOf(response), {
        subject: "user-1",
        provider: "custom",
        claims: { ...goodClaims, ...claims }
      })
    })
  )

  it.effect("accepts the scheme in any case, and answers HEAD", () =>
    Effect.gen(function* () {
      const { key, me } = yield* fixture()
      const token = yield* tokenBy(key)
      assert.strictEqual((yield* me(`bearer  ${token}`)).status, 200)
      const head = yield* me(`BEARER ${token}`, { method: "HEAD" })
      assert.strictEqual(head.status, 200)
      assert.strictEqual((yield* me(undefined, { method: "HEAD" })).status, 401)
    })
  )

  it.effect.each([
    ["no header", undefined],
    ["an empty one", ""],
    ["another scheme", "Basic dXNlcjpwYXNz"],
    ["the scheme alone", "Bearer"],
    ["the scheme and a space", "Bearer "],
    ["the scheme in another word", "Bearers abc"]
  ] as const)("requests a token if there is none: %s", ([, authorization]) =>
    Effect.gen(function* () {
      const { issuer, me } = yield* fixture()
      const response = yield* me(authorization)
      assert.strictEqual(response.status, 401)
      assert.strictEqual(response.headers.get("www-authenticate"), "Bearer")
      assert.deepStrictEqual(yield* jsonOf(response), { detail: "Not authenticated" })
      assert.strictEqual(issuer.asked(), 0)
    })
  )

  it.effect.each(["x", "a.b.c", "x".repeat(8000), "token, Bearer token"])("rejects an invalid token (%#)", (token) =>
    Effect.gen(function* () {
      const { issuer, me } = yield* fixture()
      const response = yield* me(`Bearer ${token}`)
      assert.strictEqual(response.status, 401)
      assert.strictEqual(response.headers.get("www-authenticate"), 'Bearer error="invalid_token"')
      assert.deepStrictEqual(yield* jsonOf(response), { detail: "Not authenticated" })
      assert.strictEqual(issuer.asked(), 0)
    })
  )

  it.effect("rejects a token once it has expired", () =>
    Effect.gen(function* () {
      const { key, me } = yield* fixture()
      const authorization = `Bearer ${yield* tokenBy(key)}`
      yield* TestClock.adjust("3629 seconds")
      assert.strictEqual((yield* me(authorization)).status, 200)
      yield* TestClock.adjust("1 second")
      const response = yield* me(authorization, { headers: { accept: "application/problem+json" } })
      assert.strictEqual(response.status, 401)
      assert.strictEqual(response.headers.get("www-authenticate"), 'Bearer error="invalid_token"')
      assert.deepInclude(yield* jsonOf(response), { status: 401, code: "UNAUTHORIZED", detail: "Not authenticated" })
    })
  )

  it.effect("returns Retry-After while the provider is unavailable and its keys are not cached", () =>
    Effect.gen(function* () {
      const { issuer, key, me } = yield* fixture()
      issuer.answers(away("timeout"))
      const response = yield* me(`Bearer ${yield* tokenBy(key)}`)
      assert.strictEqual(response.status, 503)
      assert.strictEqual(response.headers.get("retry-after"), "1")
      assert.deepStrictEqual(yield* jsonOf(response), { detail: "Service unavailable" })
      assert.isFalse(response.headers.has("www-authenticate"))
    })
  )

  it.effect("rejects every token if no provider is configured", () =>
    Effect.gen(function* () {
      const ask = yield* testRoutes()
      const authorization = `Bearer ${yield* tokenBy(yield* signingKey("ES256", "a"))}`
      assert.strictEqual((yield* ask("/api/v1/me", { headers: { authorization } })).status, 401)
      assert.strictEqual((yield* ask("/api/v1/me")).status, 401)
    })
  )

  it.effect("applies the address limit before it reads the token", () =>
    Effect.gen(function* () {
      const { issuer, key, me } = yield* fixture({ TBG_RATE_LIMIT_REQUESTS: "1" })
      assert.strictEqual((yield* me("Bearer x")).headers.get("ratelimit"), '"ip";r=0;t=60')
      assert.strictEqual((yield* me(`Bearer ${yield* tokenBy(key)}`)).status, 429)
      assert.strictEqual(issuer.asked(), 0)
    })
  )

  it("is documented with its scheme and errors", () => {
    const document = openApiDocument("all", { title: "t", version: "1" })
    const operation = document.paths["/api/v1/me"]?.get
    assert.deepStrictEqual(operation?.tags, ["Identity"])
    assert.deepStrictEqual(operation?.security, [{ bearer: [] }])
    assert.includeMembers(Object.keys(operation?.responses ?? {}), ["200", "401", "429", "503"])
    assert.deepInclude(document.components.securitySchemes["bearer"], {
      type: "http",
      scheme: "bearer",
      bearerFormat: "JWT"
    })
  })
})

describe("a bearer token", () => {
  it.live("appears in no log line and no span, valid or not", () =>
    Effect.gen(function* () {
      const key = yield* signingKey("ES256", "a")
      const issuer = testIssuer(answering(key))
      const { lines, port, spans } = yield* Effect.provideService(
        realServer({ issuer: issuer.tokens, tracing: true }),
        References.MinimumLogLevel,
        "All"
      )
      const exp = 4_000_000_000
      const tokens = [yield* tokenBy(key, { exp }), yield* tokenBy(key, { exp: 1 }), "c4n4ry"]
      const statuses = yield* Effect.forEach(tokens, (token) =>
        Effect.map(
          answerTo(port, request("/api/v1/me", { headers: { Authorization: `Bearer ${token}` } })),
          ({ status }) => status
        )
      )
      assert.deepStrictEqual(statuses, [200, 401, 401])
      assert.include(lines.join(""), '"reason":"exp"')
      assert.include(
        spans.map(({ name }) => name),
        "Identities.verify"
      )
      const traced = spans.map(({ attributes, events, status }) => ({ attributes, events, status }))
      const said = lines.join("") + inspect(traced, { depth: Infinity, maxStringLength: Infinity })
      for (const part of tokens.flatMap((token) => token.split("."))) assert.notInclude(said, part)
    })
  )
})
