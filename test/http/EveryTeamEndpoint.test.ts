import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { credentialsOf, kinds } from "../support/Credentials.ts"
import {
  requestForeign,
  bodyOf,
  expectFailure,
  foreignRequests,
  inTeam,
  problemPathsOf,
  teamEndpoints,
  teamFixture,
  teamRequests,
  undecodable
} from "../support/TeamEndpoints.ts"
import type { TeamEndpoint } from "../support/TeamEndpoints.ts"
import { jsonOf } from "../support/TestRoutes.ts"

/**
 * A valid request for a record of `alpha`, and one that cannot be decoded. An unauthorized caller gets the same
 * response to both.
 */
const requestsOf = Effect.fnUntraced(function* (
  { alpha, pathOf }: Effect.Success<ReturnType<typeof teamFixture>>,
  endpoint: TeamEndpoint
) {
  return [{ path: yield* pathOf(alpha, endpoint), init: bodyOf(endpoint) }, undecodable(endpoint)]
})

/** Teams in a path other than `alpha`: another, a missing one, and other spellings. */
const others = ["beta", "gamma", "ALPHA", "alpha%20", "a%00b", "%F0%9F%8E%B2"]

/** Has an error name only if a token was sent (RFC 6750, 3.1). */
const challengeOf = (kind: (typeof kinds)[number]): string =>
  ["empty", "none", "another scheme"].includes(kind) ? "Bearer" : 'Bearer error="invalid_token"'

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]

describe("every team endpoint", () => {
  it("is found, with an example of its body", () => {
    assert.isNotEmpty(teamEndpoints)
    for (const { example = { none: 0 } } of teamEndpoints) assert.isNotEmpty(example)
  })

  it.effect.each(teamRequests)("serves its own team, whatever the case of name and scheme: $name", (endpoint) =>
    Effect.gen(function* () {
      const { alpha, askAs, pathOf, succeeds } = yield* teamFixture()
      yield* succeeds(alpha, endpoint, yield* pathOf(alpha, endpoint))
      yield* succeeds({ ...alpha, name: "al%70ha" }, endpoint, yield* pathOf(alpha, endpoint))
      const { headers, ...init } = bodyOf(endpoint)
      const lowerCase = { ...init, headers: { ...Object(headers), authorization: `bearer  ${alpha.token}` } }
      const path = inTeam(yield* pathOf(alpha, endpoint), "alpha")
      assert.isBelow((yield* askAs(undefined, endpoint, path, lowerCase)).status, 300)
    })
  )

  it.effect.each(teamRequests)("is 401 without a valid key, before anything is decoded: $name", (endpoint) =>
    Effect.gen(function* () {
      const routes = yield* teamFixture()
      const credentials = yield* credentialsOf(routes)
      const invalid = kinds.filter((kind) => credentials[kind].team === undefined)
      for (const { path, init } of yield* requestsOf(routes, endpoint)) {
        for (const kind of invalid) {
          const { authorization } = credentials[kind]
          const headers = { ...Object(init.headers), ...(authorization === undefined ? {} : { authorization }) }
          for (const team of ["alpha", "beta"]) {
            const response = yield* routes.askAs(undefined, endpoint, inTeam(path, team), { ...init, headers })
            yield* expectFailure(endpoint, response, "UNAUTHORIZED")
            assert.strictEqual(response.headers.get("www-authenticate"), challengeOf(kind))
          }
        }
      }
    })
  )

  it.effect.each(teamRequests)("is 403 under any other team, before anything is decoded: $name", (endpoint) =>
    Effect.gen(function* () {
      const routes = yield* teamFixture()
      for (const { path, init } of yield* requestsOf(routes, endpoint)) {
        for (const team of others) {
          const response = yield* routes.askAs(routes.alpha, endpoint, inTeam(path, team), init)
          yield* expectFailure(endpoint, response, "FORBIDDEN", { hint: "This API key belongs to team alpha" })
          assert.isFalse(response.headers.has("www-authenticate"))
        }
      }
    })
  )

  it.effect.each(foreignRequests)("is 404 for another team's record, which stays unchanged: $name", (request) =>
    Effect.gen(function* () {
      const routes = yield* teamFixture({ variables: { TBG_RATE_LIMIT_MODE: "enforce" } })
      const { path, response } = yield* requestForeign(routes, request)
      assert.isTrue(response.headers.has("x-ratelimit-remaining"))
      yield* expectFailure(request.endpoint, response, "NOT_FOUND")
      yield* routes.succeeds(routes.beta, request.endpoint, path)
    })
  )

  it.effect.each(teamEndpoints)("is 405 for other methods on its path, with Allow: $name", (endpoint) =>
    Effect.gen(function* () {
      const { alpha, askAs } = yield* teamFixture()
      const declared = teamEndpoints.filter(({ path }) => path === endpoint.path).map(({ method }) => method)
      const allowed = declared.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])).concat("OPTIONS")
      const path = inTeam(undecodable(endpoint).path, "alpha")
      for (const method of methods.filter((method) => !declared.includes(method))) {
        const response = yield* askAs(alpha, { ...endpoint, method }, path, {})
        yield* expectFailure(endpoint, response, "METHOD_NOT_ALLOWED")
        assert.sameMembers((response.headers.get("allow") ?? "").split(", "), allowed)
      }
      assert.strictEqual((yield* askAs(undefined, { ...endpoint, method: "OPTIONS" }, path, {})).status, 204)
    })
  )

  it.effect.each(teamRequests)("is 429 above the key's limit, before anything is decoded: $name", (endpoint) =>
    Effect.gen(function* () {
      const { alpha, askAs } = yield* teamFixture({
        variables: { TBG_RATE_LIMIT_MODE: "enforce", TBG_RATE_LIMIT_KEY_REQUESTS: "1" }
      })
      const { path, init } = undecodable(endpoint)
      const ask = askAs(alpha, endpoint, inTeam(path, "beta"), init)
      const first = yield* ask
      assert.strictEqual(first.status, 403)
      assert.strictEqual(first.headers.get("ratelimit-policy"), '"key";q=1;w=60')
      assert.strictEqual(first.headers.get("x-ratelimit-remaining"), "0")
      const denied = yield* ask
      assert.strictEqual(denied.headers.get("retry-after"), "60")
      assert.strictEqual(denied.headers.get("ratelimit"), '"key";r=0;t=60')
      yield* expectFailure(endpoint, denied, "RATE_LIMITED")
    })
  )

  it.effect.each(teamEndpoints.filter(({ query }) => query.includes("cursor")))(
    "rejects a cursor of another team: $name",
    (endpoint) =>
      Effect.gen(function* () {
        const { alpha, askAs, beta, newRecord, pathOf } = yield* teamFixture()
        const path = inTeam(yield* pathOf(alpha, endpoint), "alpha")
        yield* Effect.all([newRecord(alpha, endpoint.path), newRecord(alpha, endpoint.path)])
        const { next_cursor } = Object(yield* Effect.flatMap(askAs(alpha, endpoint, `${path}?limit=1`, {}), jsonOf))
        const page = `?cursor=${next_cursor}`
        assert.strictEqual((yield* askAs(alpha, endpoint, path + page, {})).status, 200)
        const ofBeta = inTeam(yield* pathOf(beta, endpoint), "beta")
        assert.deepStrictEqual(yield* problemPathsOf(endpoint, yield* askAs(beta, endpoint, ofBeta + page, {})), [
          "cursor"
        ])
      })
  )
})
