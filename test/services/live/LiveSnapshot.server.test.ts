import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { minerTopic } from "../../../src/domain/live/Topic.ts"
import { liveCursors } from "../../../src/services/live/LiveCursors.ts"
import { LiveSnapshot } from "../../../src/services/live/LiveSnapshot.ts"
import { miningServices } from "../../../src/services/mining/MiningServices.ts"
import { MiningStatus } from "../../../src/services/mining/MiningStatus.ts"
import { memoryPlayers } from "../../support/memory/Players.ts"
import { createMiningTables } from "../../support/mining/MiningDatabase.ts"
import { alice, sharesOf } from "../../support/mining/MiningRoutes.ts"
import { storeShares } from "../../support/mining/StoredShares.ts"
import { pgbouncer, pooled } from "../../support/Pgbouncer.ts"
import { hostileDatabase, testClient } from "../../support/TestDatabase.ts"
import { databaseAt } from "../../support/TestDatabaseLayer.ts"
import { memoryTeams } from "../../support/TestTeams.ts"

const shares = sharesOf([{ address: alice, worker: "rig1", difficulties: [1024], shares: 50, oldest: 3_000_000 }])

const snapshotsOn = (database: ReturnType<typeof databaseAt>) =>
  LiveSnapshot.layer.pipe(
    Layer.provide(miningServices({ network: "mainnet", isPublic: true, boardsEvery: "250 millis" })),
    Layer.provide([MiningStatus.layer(Effect.succeed(true)), memoryPlayers]),
    Layer.provideMerge(memoryTeams),
    Layer.provideMerge(database)
  )

const store = Effect.andThen(createMiningTables, storeShares(shares))

/** A database on the server with those shares. */
const stored = Effect.tap(hostileDatabase, ({ url }) => Effect.provide(store, testClient(url)))

/** Commits one share, in the order in which a reader of single statements would see a part of it. */
const commit = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql.withTransaction(
    Effect.gen(function* () {
      yield* sql`UPDATE tbg_api.mining_state SET outbox = outbox + 1`
      yield* sql`UPDATE tbg_api.mining_addresses SET shares = shares + 1`
      yield* sql`UPDATE tbg_api.mining_pool SET shares = shares + 1 WHERE step = 86400`
    })
  )
})

/** Reads snapshots while shares are committed. */
const compare = Effect.gen(function* () {
  const { read } = yield* LiveSnapshot
  const { decode } = yield* liveCursors
  const snapshot = Effect.gen(function* () {
    const topic = minerTopic(alice)
    const { cursor, state } = yield* read(["pool", topic, "blocks"])
    const counts = [state[topic]?.miner.shares.total, state.pool?.shares.total]
    assert.deepStrictEqual(counts, Array(2).fill(50 + (decode(cursor)?.n ?? NaN)))
    return decode(cursor)?.n
  })
  const [seen] = yield* Effect.all(
    [
      Effect.forEach(Array.from({ length: 40 }), () => snapshot, { concurrency: 4 }),
      Effect.forEach(Array.from({ length: 200 }), () => commit, { discard: true })
    ],
    { concurrency: "unbounded" }
  )
  assert.isAbove(new Set(seen).size, 5)
})

describe("a live snapshot", () => {
  it.live("is complete up to its cursor while the projection commits", () =>
    Effect.gen(function* () {
      const { url } = yield* stored
      yield* Effect.provide(compare, snapshotsOn(databaseAt(Redacted.value(url))))
    })
  )

  it.live("is complete up to its cursor behind PgBouncer in transaction mode", (context) =>
    Effect.gen(function* () {
      context.skip(pgbouncer.isMissing, pgbouncer.reason)
      const { url } = yield* stored
      const database = databaseAt(yield* pooled(Redacted.value(url), 3), { TBG_DATABASE_STATEMENT_CACHE: "false" })
      yield* Effect.provide(compare, snapshotsOn(database))
    })
  )

  it.live("is complete up to its cursor over the embedded database", () =>
    Effect.andThen(store, compare).pipe(Effect.provide(snapshotsOn(databaseAt("embedded"))))
  )
})
