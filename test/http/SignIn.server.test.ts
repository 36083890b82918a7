import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { newPlayer, realPlayers } from "../support/PlayerDatabase.ts"
import { signInRoutes } from "../support/SignInRoutes.ts"
import { jsonOf } from "../support/TestRoutes.ts"

const bodyOf = <E, R>(response: Effect.Effect<Response, E, R>) =>
  Effect.flatMap(response, (response) => Effect.map(jsonOf(response), (body) => [response.status, body] as const))
const statusOf = <E, R>(response: Effect.Effect<Response, E, R>) => Effect.map(response, ({ status }) => status)
const many = <E, R>(count: number, response: (index: number) => Effect.Effect<Response, E, R>) =>
  Effect.forEach(Array.from({ length: count }), (_, index) => statusOf(response(index)))

const unlimited = { TBG_RATE_LIMIT_MODE: "off" }

layer(realPlayers)("the routes of sign-in", (it) => {
  it.effect("sign a player in, change the account, and end the session", () =>
    Effect.gen(function* () {
      const { send, signIn } = yield* signInRoutes({ variables: unlimited })
      const player = newPlayer("http")
      const { access_token: token, user, ...opened } = yield* signIn(player)
      assert.deepInclude(opened, { token_type: "Bearer", expires_in: 3600 })
      assert.deepStrictEqual(user.addresses, [player.address])
      const me = yield* send("GET", "/users/me", { token })
      assert.strictEqual(me.headers.get("cache-control"), "no-store")
      assert.nestedInclude(yield* jsonOf(me), { "user.id": user.id, "user.display_name": null, "user.is_public": true })
      const body = { display_name: "Hal", country_code: "CH", is_public: false }
      const [, changed] = yield* bodyOf(send("PATCH", "/users/me", { token, body }))
      assert.deepInclude(Object(changed).user, body)
      const [, listed] = yield* bodyOf(send("GET", "/auth/sessions", { token }))
      const [session, ...others] = Object(listed).sessions
      assert.deepStrictEqual([session.current, session.user_agent, others], [true, "test", []])
      assert.deepStrictEqual(yield* bodyOf(send("POST", "/auth/logout", { token })), [200, { status: "ok" }])
      assert.deepStrictEqual(yield* bodyOf(send("GET", "/users/me", { token })), [401, { detail: "Not authenticated" }])
    })
  )

  it.effect("refresh a session, and end others of the player by id or all at once", () =>
    Effect.gen(function* () {
      const { send, signIn } = yield* signInRoutes({ variables: unlimited })
      const player = newPlayer("http sessions")
      const [one, two] = [yield* signIn(player), yield* signIn(player)]
      const refresh = () => bodyOf(send("POST", "/auth/refresh", { body: { refresh_token: one.refresh_token } }))
      const [, refreshed] = yield* refresh()
      const token: string = Object(refreshed).access_token
      const [, listed] = yield* bodyOf(send("GET", "/auth/sessions", { token }))
      const sessions: ReadonlyArray<{ id: string; current: boolean }> = Object(listed).sessions
      const other = sessions.find(({ current }) => !current)?.id ?? ""
      assert.strictEqual(yield* statusOf(send("DELETE", `/auth/sessions/${other.toUpperCase()}`, { token })), 200)
      assert.strictEqual(yield* statusOf(send("DELETE", `/auth/sessions/${other}`, { token })), 404)
      assert.strictEqual(yield* statusOf(send("GET", "/users/me", { token: two.access_token })), 401)
      yield* TestClock.adjust("21 seconds")
      assert.deepStrictEqual(yield* refresh(), [401, { detail: "Not authenticated" }])
      assert.strictEqual(yield* statusOf(send("GET", "/users/me", { token })), 401)
      const [three, four] = [yield* signIn(player), yield* signIn(player)]
      assert.strictEqual(yield* statusOf(send("POST", "/auth/logout-all", { token: three.access_token })), 200)
      assert.strictEqual(yield* statusOf(send("GET", "/users/me", { token: four.access_token })), 401)
    })
  )

  it.effect("return the reason for refusing an address, a signature or a change", () =>
    Effect.gen(function* () {
      const { proof, send, signIn } = yield* signInRoutes({ variables: unlimited })
      const player = newPlayer("http errors", "p2tr")
      const { access_token: token } = yield* signIn(player)
      const invalid = (path: string, message: string): readonly [number, unknown] => [
        422,
        { detail: "Validation error", errors: [{ path, message }] }
      ]
      const challenge = (btc_address: string) => bodyOf(send("POST", "/auth/challenge", { body: { btc_address } }))
      assert.deepStrictEqual(
        yield* challenge("tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx"),
        invalid("btc_address", "The address belongs to testnet or signet, and this service runs on mainnet")
      )
      const verify = (signature: string) =>
        Effect.flatMap(proof(player), (signed) =>
          bodyOf(send("POST", "/auth/verify", { body: { ...signed, signature } }))
        )
      assert.deepStrictEqual(
        yield* verify(player.wallet.bip137("")),
        invalid("signature", "Cannot be verified: BIP-137 has no signatures for taproot; use BIP-322")
      )
      assert.deepStrictEqual(yield* verify("garbage"), [401, { detail: "Not authenticated" }])
      const change = (body: object) => bodyOf(send("PATCH", "/users/me", { token, body }))
      assert.deepStrictEqual(
        yield* change({ country_code: "XX" }),
        invalid("country_code", "Expected a country code of ISO 3166-1 alpha-2, such as CH")
      )
      assert.strictEqual((yield* change({ display_name: "x".repeat(65) }))[0], 422)
      assert.strictEqual((yield* change({ display_name: "\u3000" }))[0], 422)
      assert.deepStrictEqual(
        yield* change({ display_name: "Hal\u202Exyz" }),
        invalid(
          "display_name",
          "Expected letters, digits, punctuation, symbols and spaces, without control, text direction or zero-width characters"
        )
      )
      assert.strictEqual((yield* change({ is_admin: true }))[0], 422)
      const other = newPlayer("http errors of another", "p2tr")
      yield* signIn(other)
      const taken = yield* bodyOf(send("POST", "/users/me/addresses", { token, body: yield* proof(other) }))
      assert.deepStrictEqual(taken, [409, { detail: "Conflict" }])
    })
  )

  it.effect("limit challenges and proofs separately per Bitcoin address, before a signature is verified", () =>
    Effect.gen(function* () {
      let verified = 0
      const { send } = yield* signInRoutes({}, (signIn) => ({
        ...signIn,
        verify: (...proof) =>
          Effect.suspend(() => signIn.verify(...proof)).pipe(Effect.tapCause(() => Effect.sync(() => verified++)))
      }))
      const { address } = newPlayer("http limits")
      const garbage = { btc_address: address, nonce: "0".repeat(32), signature: "garbage" }
      const proofs = yield* many(25, () => send("POST", "/auth/verify", { body: garbage }))
      assert.deepStrictEqual(proofs, [...Array(10).fill(401), ...Array(15).fill(429)])
      assert.strictEqual(verified, 10)
      const body = { btc_address: address.toUpperCase() }
      const challenges = yield* many(11, () => send("POST", "/auth/challenge", { body }))
      assert.deepStrictEqual(challenges, [...Array(10).fill(200), 429])
    })
  )

  it.effect("limit proofs per client address to three times the limit of a Bitcoin address", () =>
    Effect.gen(function* () {
      const { send } = yield* signInRoutes({ variables: { TBG_SIGNIN_LIMIT: "3" } })
      const proofs = yield* many(12, (index) => {
        const { address } = newPlayer(`http client ${index}`)
        return send("POST", "/auth/verify", { body: { btc_address: address, nonce: "", signature: "" } })
      })
      assert.deepStrictEqual(proofs, [...Array(9).fill(401), ...Array(3).fill(429)])
    })
  )

  it.effect("limit each session to 300 requests a minute, without effect on another session", () =>
    Effect.gen(function* () {
      const { send, signIn } = yield* signInRoutes()
      const [one, two] = [yield* signIn(newPlayer("http 300")), yield* signIn(newPlayer("http 300"))]
      const statuses = yield* many(301, () => send("GET", "/users/me", { token: one.access_token }))
      assert.deepStrictEqual(statuses, [...Array(300).fill(200), 429])
      assert.strictEqual(yield* statusOf(send("GET", "/users/me", { token: two.access_token })), 200)
    })
  )

  it.effect("count invalid tokens as bad credentials, but not expired ones", () =>
    Effect.gen(function* () {
      const variables = { TBG_AUTH_FAILURE_LIMIT: "2" }
      const { send, signIn } = yield* signInRoutes({ variables })
      const me = (token: string) => send("GET", "/users/me", { token })
      const { access_token: token, refresh_token } = yield* signIn(newPlayer("http expired"))
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(yield* statusOf(send("POST", "/auth/refresh", { body: { refresh_token } })), 200)
      assert.deepStrictEqual(yield* many(5, () => me(token)), Array(5).fill(401))
      const { access_token: fresh } = yield* signIn(newPlayer("http expired"))
      assert.strictEqual(yield* statusOf(me(fresh)), 200)
      assert.deepStrictEqual(yield* many(3, () => me("tbgs_invented")), [401, 401, 429])
      assert.strictEqual(yield* statusOf(me(fresh)), 200)
    })
  )

  it.effect("write no token, nonce or signature to the log", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const variables = { ...unlimited, TBG_LOG_LEVEL: "DEBUG" }
      const { proof, send, signIn } = yield* signInRoutes({ variables, write: (line) => lines.push(line) })
      const player = newPlayer("http log")
      const { access_token, refresh_token } = yield* signIn(player)
      const wrong = { ...(yield* proof(player)), signature: (yield* proof(player)).signature }
      yield* send("POST", "/auth/verify", { body: wrong })
      yield* send("POST", "/auth/refresh", { body: { refresh_token } })
      yield* TestClock.adjust("21 seconds")
      yield* send("POST", "/auth/refresh", { body: { refresh_token } })
      yield* send("GET", "/users/me", { token: access_token })
      const log = lines.join("\n")
      assert.isNotEmpty(log)
      for (const secret of [access_token, refresh_token, wrong.nonce, wrong.signature]) assert.notInclude(log, secret)
    })
  )
})
