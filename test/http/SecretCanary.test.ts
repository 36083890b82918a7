import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { codes, errorPagePath } from "../../src/http/ErrorCodes.ts"
import { openApiDocument } from "../../src/http/docs/OpenApiDocument.ts"
import { freshRegistry } from "../support/MetricRegistry.ts"
import { testRoutes } from "../support/TestRoutes.ts"

const canary = "c4n4ry"

/** Each setting that is or may contain a secret. */
const variables = {
  TBG_ENVIRONMENT: "staging",
  TBG_DOCS_ENABLED: "true",
  TBG_DATABASE_URL: `postgresql://tbg:${canary}-database@db.example.com/tbg`,
  TBG_REDIS_URL: `redis://:${canary}-redis@redis.example.com`,
  TBG_SECRET_KEY: `${canary}-secret-2b7e151628aed2a6abf7158809cf4f3c`,
  TBG_SECRET_KEY_PREVIOUS: `${canary}-previous-3ad77bb40d7a3660a89ecaf32466ef97`,
  TBG_PUBLIC_URL: "https://game.example.com",
  TBG_METRICS_TOKEN: `${canary}-metrics`,
  TBG_RATE_LIMIT_MODE: "off"
}

/** Every documented path of each surface, and an unknown one. */
const paths = [
  ...Object.keys(openApiDocument("all", { title: "t", version: "1" }).paths),
  "/docs",
  "/redoc",
  "/v1/docs",
  "/openapi.json",
  "/v1/openapi.json",
  "/.well-known/security.txt",
  ...codes.map(errorPagePath),
  "/nothing",
  "/v1/nothing",
  "/%"
]

describe("a secret in the configuration", () => {
  it.live("appears in no page, document, error or metric", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const ask = yield* testRoutes({ variables, write: (line) => lines.push(line) })
      const headers = { authorization: `Bearer ${variables.TBG_METRICS_TOKEN}`, accept: "*/*" }
      const said = yield* Effect.forEach(["GET", "PUT"], (method) =>
        Effect.forEach(paths, (path) =>
          Effect.flatMap(ask(path, { method, headers }), (response) =>
            Effect.map(
              Effect.promise(() => response.text()),
              (text) => ({ path, status: response.status, text, headers: [...response.headers] })
            )
          )
        )
      )
      const answers = said.flat()
      const statuses = new Set(answers.map(({ status }) => status))
      assert.includeMembers([...statuses], [200, 401, 404, 405])
      assert.include(answers.find(({ path }) => path === "/metrics")?.text, "# TYPE")
      assert.isNotEmpty(lines)
      assert.notInclude(JSON.stringify([answers, lines]), canary)
    }).pipe(freshRegistry)
  )
})
