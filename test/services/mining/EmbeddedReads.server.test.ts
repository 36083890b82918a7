import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { HashrateSeries } from "../../../src/services/mining/HashrateSeries.ts"
import { Miners } from "../../../src/services/mining/Miners.ts"
import { MinerShares } from "../../../src/services/mining/MinerShares.ts"
import { MinerWorkers } from "../../../src/services/mining/MinerWorkers.ts"
import { miningServices } from "../../../src/services/mining/MiningServices.ts"
import { PoolBlocks } from "../../../src/services/mining/PoolBlocks.ts"
import { Boards } from "../../../src/services/weeks/Boards.ts"
import { Weeks } from "../../../src/services/weeks/Weeks.ts"
import { weekOf } from "../../../src/domain/weeks/Week.ts"
import { foldWeeks } from "../../support/weeks/FoldWeeks.ts"
import { PoolState } from "../../../src/services/mining/PoolState.ts"
import { createMiningTables } from "../../support/mining/MiningDatabase.ts"
import { alice, now, sharesOf } from "../../support/mining/MiningRoutes.ts"
import { storeShares } from "../../support/mining/StoredShares.ts"
import { databaseAt } from "../../support/TestDatabaseLayer.ts"

const shares = sharesOf([{ address: alice, worker: "rig1", difficulties: [1024], shares: 50, oldest: 3_000_000 }])

const embedded = miningServices({ network: "mainnet", isPublic: true, boardsEvery: Duration.infinity }).pipe(
  Layer.provideMerge(Layer.effectDiscard(Effect.andThen(createMiningTables, storeShares(shares)))),
  Layer.provideMerge(databaseAt("embedded")),
  Layer.provideMerge(Layer.effectDiscard(TestClock.setTime(now)))
)

describe("mining reads over the embedded database", () => {
  it.effect("find the shares of a miner in every table", () =>
    Effect.gen(function* () {
      const miner = yield* (yield* Miners).find(alice, now)
      assert.strictEqual(miner.hashrate["24h"].shares, 50)
      assert.strictEqual(miner.hashrate["24h"].value, (50 * 1024 * 2 ** 32) / 86_400)
      const { hideWorkers, population, summary } = yield* PoolState
      const pool = yield* Effect.flatMap(summary(now, yield* population), hideWorkers)
      assert.deepStrictEqual(pool.hashrate["7d"], miner.hashrate["7d"])
      assert.strictEqual(pool.best.all_time?.worker, "rig1")
      const [worker] = yield* (yield* MinerWorkers).all(alice, now)
      assert.deepStrictEqual(worker?.hashrate, miner.hashrate)
      const series = yield* HashrateSeries
      const ofPool = yield* series.ofPool("24h", now)
      assert.deepStrictEqual(yield* series.ofMiner(alice, "rig1", "24h", now), ofPool)
      const blocks = yield* (yield* PoolBlocks).list({ limit: 1, after: undefined })
      assert.deepStrictEqual(blocks, { blocks: [], hasMore: false })
      const list = yield* (yield* MinerShares).list(alice, now, { limit: 1, after: undefined, worker: undefined })
      assert.deepStrictEqual(list.shares, [])
      const week = weekOf(now)
      yield* foldWeeks
      const boards = yield* Boards
      yield* boards.refresh
      const page = yield* boards.page("work", week, { limit: 1 })
      assert.deepStrictEqual([page.status, page.total, page.entries[0]?.value], ["open", 1, 50 * 1024])
      const { totals } = yield* (yield* Weeks).report(week)
      assert.deepStrictEqual(totals, { miners: 1, shares: 50, work: 50 * 1024, blocks: 0 })
      const { weeks } = yield* (yield* Weeks).history(alice, { limit: 1, before: undefined })
      assert.deepStrictEqual(weeks[0]?.ranks, { difficulty: 1, work: 1, luck: null })
    }).pipe(Effect.provide(embedded))
  )
})
