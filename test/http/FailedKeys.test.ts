import { assert, describe, it } from "@effect/vitest"
import { Context, DateTime, Effect, Layer, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { ApiKeys } from "../../src/services/ApiKeys.ts"
import { credentialsOf, unknownToken } from "../support/Credentials.ts"
import { jsonOf, testRoutes } from "../support/TestRoutes.ts"
import { teamRoutes } from "../support/TeamRoutes.ts"
import { memoryTeams, twoTeams } from "../support/TestTeams.ts"

/** Routes that allow three invalid keys per minute and address; counts key lookups. */
const fixture = Effect.fnUntraced(function* (mode: "enforce" | "shadow" | "off" = "enforce") {
  const services = yield* Layer.build(memoryTeams)
  const keys = Context.get(services, ApiKeys)
  let lookedUp = 0
  const counting = {
    ...keys,
    authenticate: (token: string) =>
      Effect.andThen(
        Effect.sync(() => lookedUp++),
        keys.authenticate(token)
      )
  }
  const routes = yield* teamRoutes({
    variables: { TBG_AUTH_FAILURE_LIMIT: "3", TBG_RATE_LIMIT_MODE: mode, TBG_RATE_LIMIT_KEY_REQUESTS: "1000" },
    teams: Layer.succeedContext(Context.add(services, ApiKeys, counting))
  })
  const list = (token: string | undefined, path = "/v1/teams/alpha/posts") =>
    routes.ask(path, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } })
  const statusOf = (token: string | undefined) => Effect.map(list(token), ({ status }) => status)
  const fail = (times: number) => Effect.forEach(Array.from({ length: times }), () => statusOf("tbg_x"))
  return { ...routes, list, statusOf, fail, lookedUp: () => lookedUp }
})

describe("invalid keys from one address", () => {
  it.effect("are 401 up to their limit, and then 429 until a minute has passed", () =>
    Effect.gen(function* () {
      const { fail, list, statusOf } = yield* fixture()
      assert.deepStrictEqual(yield* fail(3), [401, 401, 401])
      yield* TestClock.adjust("30 seconds")
      const denied = yield* list("tbg_x")
      assert.strictEqual(denied.status, 429)
      assert.strictEqual(denied.headers.get("ratelimit-policy"), '"auth";q=3;w=60')
      assert.strictEqual(denied.headers.get("retry-after"), "30")
      assert.deepStrictEqual(yield* jsonOf(denied), {
        error: "Rate limited",
        code: "RATE_LIMITED",
        details: {
          request_id: denied.headers.get("x-request-id"),
          doc_url: "/errors/rate-limited",
          hint: "Wait the number of seconds in Retry-After, then retry"
        }
      })
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual(yield* statusOf("tbg_x"), 401)
    })
  )

  it.effect.each(["revoked", "expired", "unknown", "known id, other secret", "wrong checksum"] as const)(
    "are counted together: %s",
    (kind) =>
      Effect.gen(function* () {
        const routes = yield* fixture()
        const { authorization } = (yield* credentialsOf(routes))[kind]
        const ask = routes.ask("/v1/teams/alpha/posts", { headers: { authorization } })
        const answers = yield* Effect.all([ask, ask, ask, ask])
        assert.deepStrictEqual(
          answers.map(({ status }) => status),
          [401, 401, 401, 429]
        )
      })
  )

  it.effect("are logged with the reason, and without the key", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const services = yield* Layer.build(memoryTeams)
      const { alpha } = yield* twoTeams(services)
      const { create, list, revoke } = Context.get(services, ApiKeys)
      const expiresAt = DateTime.add(yield* DateTime.now, { seconds: 1 })
      const expiring = yield* create({ id: alpha.id, name: alpha.name }, { label: null, expiresAt })
      const revoked = yield* create({ id: alpha.id, name: alpha.name }, { label: null, expiresAt: null })
      yield* revoke(revoked.key.id)
      yield* TestClock.adjust("1 second")
      assert.lengthOf(yield* list(alpha.id), 3)
      const ask = yield* testRoutes({ teams: Layer.succeedContext(services), write: (line) => lines.push(line) })
      const tokens = ["tbg_x", unknownToken("1"), Redacted.value(expiring.token), Redacted.value(revoked.token)]
      yield* Effect.forEach(tokens, (token) => ask("/v1/limits", { headers: { authorization: `Bearer ${token}` } }))
      assert.deepStrictEqual(
        lines.map((line) => Object(JSON.parse(line)).api_key_fault),
        ["malformed", "unknown", "expired", "revoked"]
      )
      assert.isTrue(tokens.every((token) => !lines.join("").includes(token)))
    })
  )

  it.effect("are not counted if no key was sent", () =>
    Effect.gen(function* () {
      const { ask, fail, statusOf } = yield* fixture()
      const basic = { headers: { authorization: "Basic dXNlcjpwYXNz" } }
      const answers = yield* Effect.forEach(Array.from({ length: 5 }), () =>
        Effect.all([statusOf(undefined), Effect.map(ask("/v1/teams/alpha/posts", basic), ({ status }) => status)])
      )
      assert.deepStrictEqual(
        answers.flat().filter((status) => status !== 401),
        []
      )
      assert.deepStrictEqual(yield* fail(4), [401, 401, 401, 429])
    })
  )

  it.effect("need no lookup if they are malformed, or if the limit is spent and they were never valid", () =>
    Effect.gen(function* () {
      const { fail, lookedUp, statusOf } = yield* fixture()
      yield* fail(2)
      assert.strictEqual(lookedUp(), 0)
      assert.strictEqual(yield* statusOf(unknownToken("1")), 401)
      assert.strictEqual(lookedUp(), 1)
      for (let last = 2; last < 50; last++) assert.strictEqual(yield* statusOf(unknownToken(String(last))), 429)
      assert.strictEqual(lookedUp(), 1)
    })
  )

  it.effect("do not block a valid key of the same address, and do not spend its limit", () =>
    Effect.gen(function* () {
      const { alpha, fail, list, revoke, statusOf } = yield* fixture()
      assert.strictEqual(yield* statusOf(alpha.token), 200)
      assert.deepStrictEqual(yield* fail(5), [401, 401, 401, 429, 429])
      const good = yield* list(alpha.token)
      assert.strictEqual(good.status, 200)
      assert.strictEqual(good.headers.get("ratelimit"), '"key";r=998;t=60')
      yield* revoke(alpha.keyId)
      assert.strictEqual(yield* statusOf(alpha.token), 429)
    })
  )

  it.effect("delay a new key until Retry-After", () =>
    Effect.gen(function* () {
      const { alpha, fail, list, statusOf } = yield* fixture()
      yield* fail(3)
      const held = yield* list(alpha.token)
      assert.strictEqual(held.status, 429)
      yield* TestClock.adjust(`${Number(held.headers.get("retry-after"))} seconds`)
      assert.strictEqual(yield* statusOf(alpha.token), 200)
    })
  )

  it.effect("count at /v1/limits too, which continues to serve the address", () =>
    Effect.gen(function* () {
      const { fail, list } = yield* fixture()
      const answers = yield* Effect.forEach(Array.from({ length: 5 }), () => list(unknownToken("1"), "/v1/limits"))
      assert.deepStrictEqual(
        answers.map(({ status }) => status),
        [200, 200, 200, 200, 200]
      )
      assert.deepStrictEqual(
        answers.map(({ headers }) => headers.get("x-ratelimit-limit")),
        [null, null, null, null, null]
      )
      assert.deepStrictEqual(yield* fail(1), [429])
    })
  )

  it.effect("are not denied in shadow mode and not counted if limits are off; valid keys work in both", () =>
    Effect.gen(function* () {
      for (const mode of ["shadow", "off"] as const) {
        const { alpha, fail, statusOf } = yield* fixture(mode)
        assert.deepStrictEqual(yield* fail(4), [401, 401, 401, 401])
        assert.strictEqual(yield* statusOf(alpha.token), 200)
      }
    })
  )
})
