import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import {
  bodyOf,
  expectFailure,
  inTeam,
  problemPathsOf,
  teamEndpoints,
  teamFixture,
  teamRequests,
  undecodable
} from "../support/TeamEndpoints.ts"

const withBody = teamEndpoints.filter(({ example }) => example !== undefined)

describe("every team endpoint", () => {
  it.effect.each(withBody)("is 415 for a body of another type, and 400 for malformed JSON: $name", (endpoint) =>
    Effect.gen(function* () {
      const { alpha, askAs, pathOf } = yield* teamFixture()
      const path = inTeam(yield* pathOf(alpha, endpoint), "alpha")
      const body = new TextEncoder().encode(JSON.stringify(endpoint.example))
      const length = { "content-length": String(body.length) }
      for (const type of ["text/xml", "application/x-www-form-urlencoded", undefined]) {
        const headers = { ...length, ...(type === undefined ? {} : { "content-type": type }) }
        const response = yield* askAs(alpha, endpoint, path, { body, headers })
        yield* expectFailure(endpoint, response, "UNSUPPORTED_MEDIA_TYPE")
      }
      yield* expectFailure(endpoint, yield* askAs(alpha, endpoint, path, undecodable(endpoint).init), "BAD_REQUEST")
    })
  )

  it.effect.each(withBody)("is 422 for an invalid body, and names every field: $name", (endpoint) =>
    Effect.gen(function* () {
      const { alpha, askAs, pathOf } = yield* teamFixture()
      const path = inTeam(yield* pathOf(alpha, endpoint), "alpha")
      const problemsOf = (init: RequestInit) =>
        Effect.flatMap(askAs(alpha, endpoint, path, init), (response) => problemPathsOf(endpoint, response))
      const wrong = Object.fromEntries([...endpoint.fields, "unknown"].map((field) => [field, {}]))
      assert.sameMembers(yield* problemsOf(bodyOf(endpoint, wrong)), [...endpoint.fields, "unknown"])
      assert.deepStrictEqual(yield* problemsOf({ ...bodyOf(endpoint), body: "null" }), [""])
    })
  )

  it.effect.each(teamEndpoints)("is 422 for an invalid id, parameter or header, and names it: $name", (endpoint) =>
    Effect.gen(function* () {
      const { alpha, askAs, pathOf } = yield* teamFixture()
      const path = inTeam(yield* pathOf(alpha, endpoint), "alpha")
      const broken = inTeam(undecodable(endpoint).path, "alpha")
      const init = bodyOf(endpoint)
      for (const name of endpoint.query) {
        const response = yield* askAs(alpha, endpoint, `${path}?${name}=%00`, init)
        assert.deepStrictEqual(yield* problemPathsOf(endpoint, response), [name])
      }
      for (const name of endpoint.headers) {
        const response = yield* askAs(alpha, endpoint, path, {
          ...init,
          headers: { ...Object(init.headers), [name]: "" }
        })
        assert.deepStrictEqual(yield* problemPathsOf(endpoint, response), [name])
      }
      const { status } = yield* askAs(alpha, endpoint, broken, init)
      assert.strictEqual(status === 422, endpoint.hasId || endpoint.query.length > 0)
    })
  )

  it.effect.each(teamRequests)("is 412 if no version matches, and changes nothing: $name", (endpoint) =>
    Effect.gen(function* () {
      const { alpha, askAs, pathOf, succeeds } = yield* teamFixture()
      const path = yield* pathOf(alpha, endpoint)
      const init = bodyOf(endpoint)
      const headers = { ...Object(init.headers), "if-match": '"x"' }
      const response = yield* askAs(alpha, endpoint, inTeam(path, "alpha"), { ...init, headers })
      yield* expectFailure(endpoint, response, "PRECONDITION_FAILED")
      yield* succeeds(alpha, endpoint, path)
    })
  )

  it.effect.each(teamRequests.filter(({ hasEtag }) => hasEtag))("is 304 for its own entity tag: $name", (endpoint) =>
    Effect.gen(function* () {
      const { alpha, askAs, pathOf } = yield* teamFixture({ variables: { TBG_RATE_LIMIT_MODE: "enforce" } })
      const path = inTeam(yield* pathOf(alpha, endpoint), "alpha")
      const etag = (yield* askAs(alpha, endpoint, path, {})).headers.get("etag") ?? ""
      assert.match(etag, /^"[\w-]{43}"$/)
      const same = yield* askAs(alpha, endpoint, path, { headers: { "if-none-match": `"x", W/${etag}` } })
      assert.strictEqual(same.status, 304)
      assert.strictEqual(same.headers.get("etag"), etag)
      assert.isFalse(same.headers.has("content-type"))
      assert.isTrue(same.headers.has("x-ratelimit-remaining"))
      assert.isTrue(same.headers.has("x-request-id"))
      assert.strictEqual(yield* Effect.promise(() => same.text()), "")
      assert.strictEqual((yield* askAs(alpha, endpoint, path, { headers: { "if-none-match": '"x"' } })).status, 200)
    })
  )
})
