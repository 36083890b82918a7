import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Metric, References } from "effect"
import { inspect } from "node:util"
import { credentialsOf, kinds } from "../support/Credentials.ts"
import { answerTo, request } from "../support/RawHttp.ts"
import { unreachableDatabase } from "../support/UnreachableDatabase.ts"
import { teamServer } from "../support/TeamServer.ts"
import { realServer } from "../support/TestEdge.ts"
import { freshDatabase, testClient } from "../support/TestDatabase.ts"
import { testServer } from "../support/TestServer.ts"
import { sqlTeams, teamsOver } from "../support/TestTeams.ts"

const deep = { depth: Number.POSITIVE_INFINITY, maxStringLength: Number.POSITIVE_INFINITY }

describe("an API key", () => {
  it.live("appears in no body, header, log line, span or metric, whether valid, invalid or not verifiable", () =>
    Effect.gen(function* () {
      const made = yield* teamServer(testServer)
      const credentials = yield* credentialsOf(made)
      const tokens = kinds
        .map((kind) => credentials[kind].authorization?.replace(/^\w+ */, "") ?? "")
        .filter((token) => token.length > 10)
      const said: Array<unknown> = []
      // The last database has no tables, so that a lookup fails with a cause.
      for (const database of [made.client, unreachableDatabase, testClient((yield* freshDatabase).url)]) {
        const server = yield* Effect.provideService(
          realServer({ tracing: true, teams: yield* teamsOver(sqlTeams.pipe(Layer.provide(database))) }),
          References.MinimumLogLevel,
          "All"
        )
        const paths = ["/v1/teams/alpha/posts", "/v1/limits", "/api/v1/me"]
        const targets = paths.flatMap((path) => tokens.map((token) => ({ path, token })))
        const answers = yield* Effect.forEach(targets, ({ path, token }) =>
          answerTo(server.port, request(path, { headers: { Authorization: `Bearer ${token}` } }))
        )
        const spans = server.spans.map(({ attributes, events, status }) => ({ attributes, events, status }))
        said.push(answers, server.lines, spans)
      }
      said.push(yield* Metric.snapshot)
      const text = inspect(said, deep)
      assert.include(text, "/v1/teams/:team/posts")
      for (const word of ["status: 200", "status: 401", "status: 503", "the request failed", "api_keys"]) {
        assert.include(text, word)
      }
      for (const token of tokens) assert.notInclude(text, token)
    })
  )
})
