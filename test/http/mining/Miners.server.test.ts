import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { SqlClient } from "effect/sql"
import { assertRates, bestSince, ofAlice, shares, textOf } from "../../support/mining/ExpectedRates.ts"
import { alice, bob, miningRoutes } from "../../support/mining/MiningRoutes.ts"
import { storeShares } from "../../support/mining/StoredShares.ts"

describe("GET /api/v1/miners/{address}", () => {
  it.effect("equals the sums over all shares of the miner", () =>
    Effect.gen(function* () {
      const { client, read } = yield* miningRoutes()
      yield* Effect.provide(storeShares(shares), client)
      const { as_of, lag_ms, miner } = Object(yield* read(`/api/v1/miners/${alice}`))
      assert.deepStrictEqual([as_of, lag_ms], ["2026-12-09T10:17:23.456000Z", 0])
      assertRates(miner.hashrate, ofAlice)
      const times = ofAlice.map(({ at }) => at)
      assert.strictEqual(miner.first_seen, textOf(Math.min(...times)))
      assert.strictEqual(miner.last_share_at, textOf(Math.max(...times)))
      assert.deepStrictEqual(miner.workers, { online: 2, total: 2 })
      assert.deepStrictEqual(miner.shares, { "24h": miner.hashrate["24h"].shares, total: 1200 })
      assert.deepStrictEqual(miner.best, {
        day: bestSince(ofAlice, "2026-12-09T00:00:00Z"),
        week: bestSince(ofAlice, "2026-12-07T00:00:00Z"),
        month: bestSince(ofAlice, "2026-12-01T00:00:00Z"),
        all_time: bestSince(ofAlice, "")
      })
      assert.strictEqual(miner.odds, null)
      const tested = ofAlice.filter(
        ({ at }) => at >= DateTime.toEpochMillis(DateTime.makeUnsafe("2026-12-03T00:00:00Z"))
      )
      assert.strictEqual(miner.integrity.shares, tested.length)
      assert.strictEqual(miner.integrity.status, "ok")
    })
  )

  it.effect(
    "computes odds from the 24-hour rate once the network difficulty is known, and finds canonical addresses only",
    () =>
      Effect.gen(function* () {
        const { client, get, read } = yield* miningRoutes()
        yield* Effect.provide(storeShares(shares), client)
        const insert = Effect.flatMap(
          SqlClient.SqlClient,
          (sql) => sql`INSERT INTO tbg_api.mining_network (height, hash, difficulty, at)
          VALUES (900000, 'aa', 2e6, '2026-12-09T10:00:00Z'), (900001, 'bb', NULL, '2026-12-09T10:10:00Z')`
        )
        yield* Effect.provide(insert, client)
        const { miner } = Object(yield* read(`/api/v1/miners/${alice.toUpperCase()}`))
        assert.strictEqual(miner.address, alice)
        const perSecond = miner.hashrate["24h"].value / (2e6 * 2 ** 32)
        assert.closeTo(miner.odds.hour, 1 - Math.exp(-perSecond * 3600), 1e-12)
        assert.closeTo(miner.odds.expected_seconds * perSecond, 1, 1e-12)
        const { miner: small } = Object(yield* read(`/api/v1/miners/${bob}`))
        assert.deepStrictEqual(small.integrity, { shares: 3, p_value: null, status: "unknown" })
        assert.deepStrictEqual(
          [small.hashrate["1m"].value, small.hashrate["1m"].low, small.hashrate["1m"].shares],
          [0, 0, 0]
        )
        assert.closeTo(small.hashrate["1m"].high, (3.688_879 * 1e6 * 2 ** 32) / 60, 1e10)
        assert.strictEqual((yield* get("/api/v1/miners/bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4")).status, 404)
      })
  )
})
