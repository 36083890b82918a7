import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { shares } from "./ExpectedRates.ts"
import { alice, bob, miningRoutes, now } from "./MiningRoutes.ts"
import { storeShares } from "./StoredShares.ts"

/** Address of another player. */
export const carol = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"

const minute = 60_000
const day = 1440 * minute
const plain = { address: alice, worker: "rig1", difficulty: 1024, reached: 1500 }

/** Shares of the player, some of them at the edges of the windows. */
export const own = [...shares, { ...plain, at: now - day - minute }, { ...plain, at: now - 10 * day + 20 * minute }]

const ofCarol = { address: carol, worker: "rig1", difficulty: 3e9, reached: 9e12, at: now - 1000 }

/** Removes rows that the projection would have removed. */
const expired = [
  ["shares", "at", "2 hours"],
  ["work_5m", "bucket", "8 days"],
  ["work_1h", "bucket", "35 days"]
].map(
  ([table, column, age]) =>
    `DELETE FROM tbg_api.mining_${table} WHERE ${column} < to_timestamp(${now / 1000}) - interval '${age}'`
)

/** Routes over the shares of two addresses, of which one player is signed in, and over one of another player. */
export const dashboard = Effect.gen(function* () {
  const made = yield* miningRoutes()
  yield* Effect.provide(storeShares([...own, ofCarol]), made.client)
  const player = yield* made.signIn(alice, bob)
  const run = (statement: string) =>
    Effect.provide(
      Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(statement)),
      made.client
    )
  yield* Effect.forEach(expired, run, { discard: true })
  return { ...made, run, player, mine: (path: string) => made.read(`/api/v1${path}`, player) }
})
