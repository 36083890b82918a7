import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { Challenges } from "../../../src/services/auth/Challenges.ts"
import { SignIn } from "../../../src/services/auth/SignIn.ts"
import { newPlayer, realPlayers } from "../../support/PlayerDatabase.ts"

layer(realPlayers)("challenges", (it) => {
  it.effect("render the message as the documentation shows it", () =>
    Effect.gen(function* () {
      const player = newPlayer("message")
      const { challenge } = yield* SignIn
      const { message, nonce, supported } = yield* challenge(player.address.toUpperCase())
      assert.match(nonce, /^[0-9a-f]{32}$/u)
      assert.deepStrictEqual(supported, ["bip322-simple", "bip322-full", "bip137"])
      const times = /Issued At: (\S+)\nExpiration Time: (\S+)$/u.exec(message)?.slice(1) ?? []
      assert.deepStrictEqual(message.split("\n"), [
        "game.example wants you to sign in with your Bitcoin account:",
        player.address,
        "",
        "Sign in to The Bitcoin Game. This costs nothing and moves no bitcoin.",
        "",
        "URI: https://game.example",
        "Version: 1",
        "Network: mainnet",
        `Nonce: ${nonce}`,
        `Issued At: ${times[0]}`,
        `Expiration Time: ${times[1]}`
      ])
    })
  )

  it.effect("are purged once they have expired, some of them by each new one", () =>
    Effect.gen(function* () {
      const { issue, purge } = yield* Challenges
      const sql = yield* SqlClient.SqlClient
      const address = newPlayer("purge").wallet.address("p2wpkh")
      yield* Effect.forEach(Array.from({ length: 50 }), () => issue(address))
      yield* TestClock.adjust("300 seconds")
      yield* issue(address)
      const left = yield* purge(1000)
      assert.isAtLeast(left, 40)
      assert.strictEqual(yield* purge(1000), 0)
      const rows = yield* sql`SELECT FROM tbg_api.signin_challenges`
      assert.strictEqual(rows.length, 1)
    })
  )
})
