import { assert, describe, it } from "@effect/vitest"
import { Effect, Queue, Redacted } from "effect"
import { byName, collector } from "../support/Collector.ts"
import { httpStub, json } from "../support/HttpStub.ts"
import { answerTo, request } from "../support/RawHttp.ts"
import { freshDatabase } from "../support/TestDatabase.ts"
import { teamsIn, teamVariables } from "../support/TeamServer.ts"
import { testProcess } from "../support/TestProcess.ts"
import { signingKey, tokenBy } from "../support/Tokens.ts"

const withParts = (secrets: ReadonlyArray<string>) => secrets.flatMap((secret) => [secret, ...secret.split(".")])

describe("exported spans", () => {
  it.live("contain no key, token, query or password, and include the call to the provider", () =>
    Effect.gen(function* () {
      const traces = yield* collector()
      const key = yield* signingKey("RS256", "a")
      const provider = yield* httpStub(json({ keys: [key.jwk] }))
      const { url } = yield* freshDatabase
      const service = yield* testProcess({
        ...teamVariables(url),
        TBG_OTLP_ENDPOINT: traces.url,
        TBG_AUTH_PROVIDER: "custom",
        TBG_OAUTH_ISSUER: "https://id.example",
        TBG_OAUTH_JWKS_URL: `${provider.url}/keys?secret=c4n4ry`
      })
      const { alpha } = yield* teamsIn(url)
      const token = yield* tokenBy(key, { exp: 4_000_000_000 })
      const ask = (target: string, authorization: string) =>
        Effect.map(
          answerTo(
            service.port,
            request(target, {
              headers: { Authorization: authorization, Cookie: "session=c4n4ry", "X-Token": "c4n4ry" }
            })
          ),
          ({ status }) => status
        )
      const statuses = [
        yield* ask("/api/v1/me", `Bearer ${token}`),
        yield* ask("/api/v1/me?token=c4n4ry", `Bearer ${token}`),
        yield* ask("/v1/teams/alpha/posts?api_key=c4n4ry", `Bearer ${alpha.token}`),
        yield* ask(`/v1/teams/${alpha.token}/posts`, `Bearer ${alpha.token}`),
        yield* ask(`/${alpha.token}?x=${token}`, "Bearer c4n4ry"),
        yield* ask(`/%74bg_${alpha.token.slice(4)}`, "Bearer c4n4ry"),
        yield* ask(`/%74bg_${alpha.token.slice(4)}%ff`, "Bearer c4n4ry"),
        yield* ask("http://user:c4n4ry@localhost/version", "Basic dTpjNG40cnk=")
      ]
      assert.deepStrictEqual(statuses, [200, 422, 422, 403, 404, 404, 400, 200])
      yield* service.signal("SIGTERM")
      yield* service.exit

      const exported = traces.bodies.join("")
      assert.include(exported, "/v1/teams/tbg_…/posts")
      const { password } = new URL(Redacted.value(url))
      const secrets = withParts([
        "c4n4ry",
        "dTpjNG40cnk=",
        token,
        alpha.token.slice(4),
        ...(password === "" ? [] : [password])
      ])
      for (const secret of secrets) assert.notInclude(exported, secret)

      const asked = yield* Queue.take(provider.arrived)
      const me = traces.spans.find(({ name }) => name === "GET /api/v1/me")
      const ours = byName(traces.spans.filter(({ traceId }) => traceId === me?.traceId))
      const outgoing = ours.get("GET")
      assert.strictEqual(asked.headers.traceparent, `00-${me?.traceId}-${outgoing?.spanId}-01`)
      assert.strictEqual(outgoing?.parentSpanId, ours.get("Identities.verify")?.spanId)
      assert.deepStrictEqual(outgoing?.attributes, {
        "http.request.method": "GET",
        "url.full": `${provider.url}/keys`,
        "server.address": "127.0.0.1",
        "server.port": Number(new URL(provider.url).port)
      })
    })
  )
})
