import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { credentialsOf, expectedOf, kinds, paths, pathTeams, statusOf, verbs } from "../support/KeyMatrix.ts"
import type { Cell } from "../support/KeyMatrix.ts"
import { teamRoutes } from "../support/TeamRoutes.ts"
import { jsonOf } from "../support/TestRoutes.ts"

const cellsOf = (route: Cell["route"]): ReadonlyArray<Cell> =>
  pathTeams.flatMap((team) => verbs.map((verb) => ({ team, route, verb })))

const tests = kinds.flatMap((kind) => paths.map((route) => ({ kind, route })))

const wrong = [
  ["an id that is none", "/x", { method: "GET" }],
  ["an id that is none, to delete", "/x", { method: "DELETE" }],
  ["a query that is none", "?limit=0&offset=-1", { method: "GET" }],
  ["no JSON", "", { method: "POST", body: "{", headers: { "content-type": "application/json" } }],
  ["another type", "", { method: "POST", body: "<a/>", headers: { "content-type": "text/xml" } }],
  ["a long body", "", { method: "POST", body: "a".repeat(300_000), headers: { "content-type": "application/json" } }],
  ["a key that is none", "", { method: "POST", body: "{}", headers: { "idempotency-key": "a b" } }]
] as const

describe("who may do what", () => {
  it.effect.each(tests)("key $kind, /v1/teams/{team}/posts$route", ({ kind, route }) =>
    Effect.gen(function* () {
      const fixture = yield* teamRoutes()
      const credential = (yield* credentialsOf(fixture))[kind]
      const cells = cellsOf(route)
      const statuses = yield* Effect.forEach(cells, (cell) => statusOf(fixture.ask, fixture, cell, credential))
      assert.deepStrictEqual(
        cells.map((cell, index) => ({ ...cell, status: statuses[index] })),
        cells.map((cell) => ({ ...cell, status: expectedOf(cell, credential) }))
      )
    })
  )

  it.effect.each(wrong)("is settled before anything else is looked at: %s", ([, path, init]) =>
    Effect.gen(function* () {
      const { ask, alpha } = yield* teamRoutes()
      const askAs = (team: string, headers: Record<string, string>) =>
        ask(`/v1/teams/${team}/posts${path}`, { ...init, headers: { ...Object(init).headers, ...headers } })
      assert.strictEqual((yield* askAs("alpha", {})).status, 401)
      assert.strictEqual((yield* askAs("beta", { authorization: `Bearer ${alpha.token}` })).status, 403)
    })
  )

  it.effect("is said in the words of the surface, with what a 401 asks for", () =>
    Effect.gen(function* () {
      const { ask, asAlpha, alpha } = yield* teamRoutes()
      const path = "/v1/teams/beta/posts"
      const none = yield* ask(path)
      assert.strictEqual(none.headers.get("www-authenticate"), "Bearer")
      assert.deepStrictEqual(yield* jsonOf(none), {
        error: "Not authenticated",
        code: "UNAUTHORIZED",
        details: {
          request_id: none.headers.get("x-request-id"),
          doc_url: "/errors/unauthorized",
          hint: "Send Authorization: Bearer with an API key"
        }
      })
      const bad = yield* ask(path, { headers: { authorization: "Bearer tbg_x", accept: "application/problem+json" } })
      assert.strictEqual(bad.headers.get("www-authenticate"), 'Bearer error="invalid_token"')
      assert.deepInclude(yield* jsonOf(bad), { status: 401, code: "UNAUTHORIZED", instance: path })
      const other = yield* ask(path, { headers: { authorization: `bearer  ${alpha.token}` } })
      assert.isFalse(other.headers.has("www-authenticate"))
      assert.deepStrictEqual(yield* jsonOf(other), {
        error: "Forbidden",
        code: "FORBIDDEN",
        details: {
          request_id: other.headers.get("x-request-id"),
          doc_url: "/errors/forbidden",
          hint: "This API key belongs to team alpha"
        }
      })
      assert.strictEqual((yield* asAlpha("/x/y/z")).status, 404)
    })
  )
})
