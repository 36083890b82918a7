import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { newPlayer } from "../support/PlayerDatabase.ts"
import { programOnDatabase } from "../support/ProgramOnDatabase.ts"
import { playerClient } from "../support/SignInRoutes.ts"
import { jsonOf } from "../support/TestRoutes.ts"
import { programResult } from "../support/TestProcess.ts"
import { testServer } from "../support/TestServer.ts"

/** The service over a database of its own, with an unreachable Redis. */
const served = Effect.gen(function* () {
  const program = yield* programOnDatabase
  const url = yield* testServer({
    ...program.variables,
    TBG_BASELINE_POLICY: "create",
    TBG_REDIS_URL: "redis://127.0.0.1:1",
    TBG_KEY_CACHE_SECONDS: "0"
  })
  const players = playerClient((path, init) => Effect.promise(() => fetch(url + path, init)))
  const me = (token: string) => Effect.map(players.send("GET", "/users/me", { token }), ({ status }) => status)
  const sessions = (...args: ReadonlyArray<string>) => program.tbg("sessions", ...args)
  return { ...program, ...players, me, sessions }
})

describe("tbg sessions", () => {
  it.live("lists and revokes sessions of a player who signed in while Redis was down", () =>
    Effect.gen(function* () {
      const { me, sessions, signIn } = yield* served
      const player = newPlayer("cli")
      const opened = [yield* signIn(player), yield* signIn(player), yield* signIn(player)]
      const statuses = () => Effect.forEach(opened, ({ access_token }) => me(access_token))
      assert.deepStrictEqual(yield* statuses(), [200, 200, 200])

      const listed = yield* sessions("list", "--address", player.address.toUpperCase(), "--json")
      const records: ReadonlyArray<{ id: string; user_agent: string }> = JSON.parse(listed.stdout)
      assert.deepStrictEqual(
        records.map(({ user_agent }) => user_agent),
        ["test", "test", "test"]
      )
      const id = records[2]?.id ?? ""
      assert.deepInclude(yield* sessions("revoke", id), { code: 0, stdout: `${id}: revoked\n` })
      assert.deepStrictEqual(yield* statuses(), [401, 200, 200])
      assert.strictEqual((yield* sessions("revoke", id)).code, 64)
      assert.match((yield* sessions("revoke", "--all", player.address)).stdout, /: all sessions revoked\n$/u)
      assert.deepStrictEqual(yield* statuses(), [401, 401, 401])
      assert.match(
        (yield* sessions("list", "--address", player.address)).stdout,
        /^account .* has no open sessions\n$/u
      )

      const token = yield* sessions("revoke", opened[0]?.access_token ?? "")
      assert.strictEqual(token.code, 64)
      assert.notInclude(token.stderr, "tbgs_")
      const unknown = yield* sessions("list", "--address", newPlayer("unknown").address)
      assert.include(unknown.stderr, "no account has address")
      assert.include((yield* sessions("list", "--address", "bc1qx")).stderr, "invalid address")
    })
  )
})

describe("tbg dev sign", () => {
  it.live("signs in with a throwaway key", () =>
    Effect.gen(function* () {
      const { challenge, send, tbg } = yield* served
      const address = (yield* tbg("dev", "sign")).stdout.trim()
      const { message, nonce } = yield* challenge({ address })
      const signature = (yield* tbg("dev", "sign", message)).stdout.trim()
      const response = yield* send("POST", "/auth/verify", { body: { btc_address: address, nonce, signature } })
      assert.strictEqual(response.status, 200)
      assert.deepStrictEqual(Object(yield* jsonOf(response)).user.addresses, [address])
    })
  )

  it.live("is refused in staging", () =>
    Effect.gen(function* () {
      const { code, stderr } = yield* programResult(["dev", "sign"], {
        TBG_ENVIRONMENT: "staging",
        TBG_DATABASE_URL: "postgresql://tbg@127.0.0.1:1/tbg",
        TBG_REDIS_URL: "redis://127.0.0.1:1",
        TBG_SECRET_KEY: "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978",
        TBG_PUBLIC_URL: "https://game.example.com"
      })
      assert.strictEqual(code, 64)
      assert.include(stderr, "tbg dev sign is refused in staging")
    })
  )
})
