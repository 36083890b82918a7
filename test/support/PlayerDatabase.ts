import { DateTime, Effect, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import createAccounts from "../../migrations/0010_create_accounts_sessions.ts"
import createTickets from "../../migrations/0012_create_live_tickets.ts"
import { Ids } from "../../src/services/Ids.ts"
import { Challenges } from "../../src/services/auth/Challenges.ts"
import { signInServices } from "../../src/services/auth/SignInServices.ts"
import { secretsOf } from "./MigratedServices.ts"
import { freshDatabase, testClient } from "./TestDatabase.ts"
import { databaseAt } from "./TestDatabaseLayer.ts"
import { walletOf } from "./Wallet.ts"
import type { Wallet, WalletKind } from "./Wallet.ts"

const createTables = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE SCHEMA IF NOT EXISTS tbg_api`
  yield* createAccounts
  yield* createTickets
})

/** Database of this test with the tables of accounts and sessions. */
export const playerDatabase = Effect.tap(freshDatabase, ({ url }) => Effect.provide(createTables, testClient(url)))

const options = {
  publicUrl: "https://game.example",
  network: "mainnet",
  acceptBip137: true,
  /** Tokens are not cached, so revocations take effect at once. */
  cacheSeconds: 0
} as const

/** Years in which rows of this service are written. */
const inOurTime = Layer.effectDiscard(
  TestClock.setTime(DateTime.toEpochMillis(DateTime.makeUnsafe("2027-01-15T08:00:00Z")))
)

/** Sign-in over a database of this layer, by the test's clock. */
export const realPlayers = signInServices(options).pipe(
  Layer.provide(Layer.merge(Ids.layer, secretsOf("the secret of these tests, 32 or more"))),
  Layer.provideMerge(Layer.unwrap(Effect.map(playerDatabase, ({ url }) => databaseAt(Redacted.value(url))))),
  Layer.provideMerge(inOurTime)
)

/** A player that no other test knows. */
export const newPlayer = (name: string, kind: WalletKind = "p2wpkh") => {
  const wallet = walletOf(name)
  return { wallet, kind, address: wallet.address(kind).text }
}
export type Player = ReturnType<typeof newPlayer>

/** Signs as most wallets of the kind do. */
export const signatureOf = ({ kind, wallet }: { readonly wallet: Wallet; readonly kind: WalletKind }, text: string) =>
  kind.startsWith("p2pkh") ? wallet.bip137(text) : wallet.simple(kind, text)

/** A signed challenge. */
export const proofOf = Effect.fnUntraced(function* (player: Player) {
  const challenges = yield* Challenges
  const { message, nonce } = yield* challenges.issue(player.wallet.address(player.kind))
  return { address: player.address, nonce, signature: signatureOf(player, message) }
})
