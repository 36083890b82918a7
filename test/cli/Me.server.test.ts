import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Schedule } from "effect"
import { get } from "../support/Http.ts"
import { httpStub, json } from "../support/HttpStub.ts"
import { testProcess } from "../support/TestProcess.ts"
import { signingKey, tokenBy } from "../support/Tokens.ts"

const issuer = "https://id.example"

describe("a service with an identity provider", () => {
  it.live("starts while the provider is unavailable, accepts its tokens later, and logs no token", () =>
    Effect.gen(function* () {
      const key = yield* signingKey("RS256", "a")
      const provider = yield* httpStub((response) => response.destroy())
      const service = yield* testProcess({
        TBG_ENVIRONMENT: "test",
        TBG_LOG_LEVEL: "DEBUG",
        TBG_AUTH_PROVIDER: "custom",
        TBG_OAUTH_ISSUER: issuer,
        TBG_OAUTH_AUDIENCE: "tbg",
        TBG_OAUTH_JWKS_URL: `${provider.url}/keys?secret=qu3ry`
      })
      const now = Math.floor((yield* Clock.currentTimeMillis) / 1000)
      const token = yield* tokenBy(key, { exp: now + 3600 })
      const late = yield* tokenBy(key, { exp: now - 3600 })
      const me = (token: string) => get(`${service.url}/api/v1/me`, { authorization: `Bearer ${token}` })
      const statusOf = (token: string) => Effect.map(me(token), ({ status }) => status)

      assert.strictEqual(yield* statusOf(token), 503)
      provider.responds(json({ keys: [key.jwk] }))
      const answer = yield* me(token).pipe(
        Effect.flatMap((answer) => (answer.status === 200 ? Effect.succeed(answer) : Effect.fail(answer.status))),
        Effect.retry({ while: (status) => status === 503, schedule: Schedule.spaced("200 millis") }),
        Effect.timeout("10 seconds")
      )
      assert.deepInclude(Object(answer.body), { subject: "user-1", provider: "custom" })
      yield* provider.end
      assert.strictEqual(yield* statusOf(token), 200)
      assert.strictEqual(yield* statusOf(late), 401)
      yield* service.signal("SIGTERM")
      yield* service.exit
      const output = yield* service.output
      assert.include(output, "identity provider unavailable")
      assert.include(output, "token rejected")
      for (const secret of ["qu3ry", ...token.split("."), ...late.split(".")]) assert.notInclude(output, secret)
    })
  )
})
