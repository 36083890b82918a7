import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { randomInt } from "node:crypto"
import { makeToken } from "../../src/services/apiKeys/Token.ts"
import { answerTo, request } from "../support/RawHttp.ts"
import { realServer } from "../support/TestEdge.ts"
import { memoryTeams, twoTeams } from "../support/TestTeams.ts"

const two = { TBG_RATE_LIMIT_MODE: "enforce", TBG_TRUSTED_PROXIES: "127.0.0.0/8", TBG_RATE_LIMIT_KEY_REQUESTS: "2" }

/** The service behind a proxy with a limit of two per key; sends requests with any key and address. */
const limited = Effect.fnUntraced(function* () {
  const services = yield* Layer.build(memoryTeams)
  const made = yield* twoTeams(services)
  const { lines, port } = yield* realServer({ variables: two, teams: Layer.succeedContext(services) })
  const askFor = (path: string) => (token: string | undefined, address: string) =>
    answerTo(
      port,
      request(path, {
        headers: {
          "X-Forwarded-For": address,
          ...(token === undefined ? {} : { Authorization: `Bearer ${token}` })
        }
      })
    )
  return { ...made, lines, askFor, list: askFor("/v1/teams/alpha/posts") }
})

const statusesOf = <E, R>(answers: ReadonlyArray<Effect.Effect<{ readonly status: number }, E, R>>) =>
  Effect.map(Effect.all(answers), (all) => all.map(({ status }) => status))

describe("the limit of an API key", () => {
  it.live("is shared by all addresses that use the key", () =>
    Effect.gen(function* () {
      const { alpha, list } = yield* limited()
      const addresses = ["203.0.113.1", "203.0.113.2", "2001:db8::1"]
      const statuses = yield* statusesOf(addresses.map((address) => list(alpha.token, address)))
      assert.deepStrictEqual(statuses, [200, 200, 429])
    })
  )

  it.live("is not shared with another key of the same address and team", () =>
    Effect.gen(function* () {
      const { alpha, list, newKey } = yield* limited()
      const { token } = yield* newKey(alpha)
      const tokens = [alpha.token, alpha.token, token, token, token, undefined]
      const statuses = yield* statusesOf(tokens.map((token) => list(token, "203.0.113.1")))
      assert.deepStrictEqual(statuses, [200, 200, 200, 200, 429, 401])
    })
  )

  it.live("falls back to the address limit without a valid key, before 401", () =>
    Effect.gen(function* () {
      const { list } = yield* limited()
      const asked = ["203.0.113.1", "203.0.113.1", "203.0.113.1", "203.0.113.2"]
      const statuses = yield* statusesOf(asked.map((address) => list(undefined, address)))
      assert.deepStrictEqual(statuses, [401, 401, 429, 401])
    })
  )

  it.live("is reported at /v1/limits to its holder only, without spending it", () =>
    Effect.gen(function* () {
      const { alpha, askFor, list } = yield* limited()
      yield* list(alpha.token, "203.0.113.1")
      const limits = (token: string | undefined, address: string) =>
        Effect.map(askFor("/v1/limits")(token, address), ({ body }) =>
          JSON.parse(body).limits.map(({ policy, remaining }: { policy: string; remaining: number }) => [
            policy,
            remaining
          ])
        )
      for (const _ of [1, 2, 3]) {
        assert.deepStrictEqual(yield* limits(alpha.token, "203.0.113.9"), [
          ["ip", 100],
          ["key", 1]
        ])
      }
      const guessed = Redacted.value(makeToken(alpha.keyId, randomInt))
      for (const invalid of [undefined, guessed]) {
        assert.deepStrictEqual(yield* limits(invalid, "203.0.113.1"), [
          ["ip", 100],
          ["key", 2]
        ])
      }
    })
  )

  it.live("is logged with the team and the key's id", () =>
    Effect.gen(function* () {
      const { alpha, lines, list } = yield* limited()
      yield* list(alpha.token, "203.0.113.1")
      yield* list("tbg_x", "203.0.113.1")
      const logged = lines.map((line) => Object(JSON.parse(line)))
      assert.deepStrictEqual(
        logged.map(({ api_key_id, route, team }) => ({ api_key_id, route, team })),
        [
          { api_key_id: alpha.keyId, route: "/v1/teams/:team/posts", team: "alpha" },
          { api_key_id: null, route: "/v1/teams/:team/posts", team: null }
        ]
      )
    })
  )
})
