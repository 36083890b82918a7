import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { openApiDocument } from "../../src/http/docs/OpenApiDocument.ts"
import { jsonOf, testRoutes } from "../support/TestRoutes.ts"

const teamPaths = ["", "/{id}", "/{id}/restore"].map((path) => `/v1/teams/{team}/posts${path}`)

const miner = "/api/v1/miners/{address}"
const miningPaths = [
  "/api/v1/pool",
  "/api/v1/pool/hashrate",
  "/api/v1/network",
  "/api/v1/blocks",
  "/api/v1/blocks/{id}",
  miner,
  `${miner}/workers`,
  `${miner}/workers/{name}`,
  `${miner}/hashrate`,
  `${miner}/shares`,
  `${miner}/weeks`,
  "/api/v1/leaderboard",
  "/api/v1/leaderboard/miners/{address}",
  "/api/v1/weeks/{week}",
  ...["workers", "shares", "hashrate", "hashrate/chart", "difficulty/bests", "difficulty/scatter", "blocks"].map(
    (name) => `/api/v1/mining/${name}`
  ),
  "/api/v1/live",
  "/api/v1/live/snapshot",
  "/api/v1/live/ticket",
  "/api/v1/dashboard/stats",
  "/api/v1/dashboard/feed",
  "/users/{address}",
  "/api/client/{address}"
]

const options = { title: "The Bitcoin Game API", version: "1.2.3" }

describe("the OpenAPI documents", () => {
  it("have OpenAPI version 3.1, a title, a description and tags", () => {
    const { info, openapi, tags } = openApiDocument("all", options)
    assert.match(openapi, /^3\.1\./)
    assert.strictEqual(info.title, "The Bitcoin Game API")
    assert.strictEqual(info.version, "1.2.3")
    assert.isNotEmpty(info.description)
    assert.includeMembers(
      tags.map((tag) => tag.name),
      ["Health", "Posts"]
    )
  })

  it("list every route", () => {
    assert.sameMembers(Object.keys(openApiDocument("all", options).paths), [
      "/health",
      "/ready",
      "/version",
      "/health/db",
      "/health/mining",
      "/api/v1/public/health",
      "/api/v1/public/health/ready",
      "/api/v1/me",
      ...["challenge", "verify", "refresh", "logout", "logout-all"].map((name) => `/api/v1/auth/${name}`),
      "/api/v1/auth/sessions",
      "/api/v1/auth/sessions/{id}",
      "/api/v1/users/me",
      "/api/v1/users/me/addresses",
      "/metrics",
      "/v1/healthz",
      "/v1/limits",
      ...teamPaths,
      ...miningPaths
    ])
  })

  it("list only /v1 routes for the v1 surface", () => {
    assert.sameMembers(Object.keys(openApiDocument("v1", options).paths), ["/v1/healthz", "/v1/limits", ...teamPaths])
  })

  it("document the 503 of readiness", () => {
    const ready = openApiDocument("all", options).paths["/ready"]?.get
    assert.includeMembers(Object.keys(ready?.responses ?? {}), ["200", "500", "503"])
  })

  it.effect("are served under the configured title", () =>
    Effect.gen(function* () {
      const get = yield* testRoutes({ variables: { TBG_PROJECT_NAME: "Another Game" } })
      const document = yield* Effect.flatMap(get("/openapi.json"), jsonOf)
      assert.nestedPropertyVal(document, "info.title", "Another Game")
    })
  )

  it.effect.each(["/openapi.json", "/v1/openapi.json"])("are not served at %s if the docs are off", (path) =>
    Effect.gen(function* () {
      const get = yield* testRoutes({ variables: { TBG_DOCS_ENABLED: "false" } })
      assert.strictEqual((yield* get(path)).status, 404)
    })
  )
})
