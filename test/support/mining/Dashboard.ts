import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { shares } from "./ExpectedRates.ts"
import { alice, bob, miningRoutes, now } from "./MiningRoutes.ts"
import { storeShares } from "./StoredShares.ts"

/** Address of somebody else. */
export const carol = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"

const ofCarol = { address: carol, worker: "rig1", difficulty: 3e9, reached: 9e12, at: now - 1000 }

/** Routes over the shares of two addresses, of which one player is signed in, and over one of somebody else. */
export const dashboard = Effect.gen(function* () {
  const made = yield* miningRoutes()
  yield* Effect.provide(storeShares([...shares, ofCarol]), made.client)
  const player = yield* made.signIn(alice, bob)
  const run = (statement: string) =>
    Effect.provide(
      Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(statement)),
      made.client
    )
  return { ...made, run, player, mine: (path: string) => made.read(`/api/v1${path}`, player) }
})
