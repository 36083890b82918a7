import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { SqlClient } from "effect/sql"
import { alice, bob, miningRoutes, now, sharesOf } from "../../support/mining/MiningRoutes.ts"
import type { StoredShare } from "../../support/mining/StoredShares.ts"
import { storeShares } from "../../support/mining/StoredShares.ts"

const day = 86_400_000
const shares = sharesOf([
  { address: alice, worker: "rig1", difficulties: [1024, 2048], shares: 800, oldest: 29 * day },
  { address: alice, worker: "rig2", difficulties: [64], shares: 400, oldest: 5 * day },
  { address: bob, worker: "default", difficulties: [0.25, 100_000], shares: 300, oldest: 29 * day }
])

const work = (some: ReadonlyArray<StoredShare>): number => some.reduce((sum, { difficulty }) => sum + difficulty, 0)
const since = (start: number) => shares.filter(({ at }) => at >= start)

/** Windows begin at the nearest second, minute or 5 minutes. */
const windows = [
  ["1m", 60, 1000],
  ["5m", 300, 1000],
  ["1h", 3600, 1000],
  ["24h", 86_400, 60_000],
  ["7d", 604_800, 300_000]
] as const

const steps = [
  ["1h", 60, 60],
  ["24h", 300, 288],
  ["7d", 3600, 168],
  ["30d", 21_600, 120]
] as const

const textOf = (at: number): string => `${DateTime.formatIso(DateTime.makeUnsafe(at)).slice(0, -1)}000Z`

/** Compares a chart with sums over the shares of each step. */
const assertChart = (
  found: unknown,
  own: ReadonlyArray<StoredShare>,
  [window, step, count]: (typeof steps)[number]
) => {
  const chart = Object(found)
  assert.deepStrictEqual([chart.window, chart.step_seconds, chart.points.length], [window, step, count])
  const last = Math.floor(now / (step * 1000)) * step * 1000
  const values = Array.from({ length: count }, (_, index) => {
    const start = last - (count - 1 - index) * step * 1000
    const inside = own.filter(({ at }) => at >= start && at < start + step * 1000)
    const value = (work(inside) * 2 ** 32) / step
    const point = chart.points[index]
    assert.deepStrictEqual([point.at, point.shares], [textOf(start), inside.length])
    assert.closeTo(point.value, value, value * 1e-12)
    return value
  })
  assert.strictEqual(chart.peak, Math.max(...chart.points.map((point: { value: number }) => point.value)))
  const mean = values.reduce((sum, value) => sum + value, 0) / count
  assert.closeTo(chart.average, mean, mean * 1e-9)
}

describe("GET /api/v1/pool", () => {
  it.effect("equals the sums over all shares of the pool", () =>
    Effect.gen(function* () {
      const { client, read } = yield* miningRoutes()
      yield* Effect.provide(storeShares(shares), client)
      const pool = Object(yield* read("/api/v1/pool"))
      for (const [window, seconds, grain] of windows) {
        const inside = since(Math.round((now - seconds * 1000) / grain) * grain)
        const value = (work(inside) * 2 ** 32) / seconds
        assert.strictEqual(pool.hashrate[window].shares, inside.length, window)
        assert.closeTo(pool.hashrate[window].value, value, value * 1e-12, window)
      }
      assert.deepStrictEqual(pool.miners, { active: 2, total: 2 })
      assert.deepStrictEqual(pool.workers, { online: 3, total: 3 })
      assert.deepStrictEqual(pool.shares, { "24h": pool.hashrate["24h"].shares, total: shares.length })
      const best = shares.toSorted((a, b) => b.reached - a.reached)[0]
      assert.deepStrictEqual(pool.best.all_time, {
        difficulty: best?.reached,
        at: textOf(best?.at ?? 0),
        worker: best?.worker
      })
      assert.deepStrictEqual(
        [pool.blocks_found, pool.network, pool.expected_block_seconds, pool.lag_ms],
        [0, null, null, 0]
      )
    })
  )

  it.effect("decays to 0 when shares stop, while totals and best shares stay", () =>
    Effect.gen(function* () {
      const { client, read } = yield* miningRoutes()
      yield* Effect.provide(storeShares(shares.map((share) => ({ ...share, at: share.at - 8 * day }))), client)
      const { best, hashrate, miners, shares: counts, workers } = Object(yield* read("/api/v1/pool"))
      assert.deepStrictEqual(
        Object.values(hashrate).map((rate) => Object(rate).value),
        [0, 0, 0, 0, 0]
      )
      assert.deepStrictEqual(miners, { active: 0, total: 2 })
      assert.deepStrictEqual(workers, { online: 0, total: 3 })
      assert.deepStrictEqual(counts, { "24h": 0, total: shares.length })
      assert.deepStrictEqual([best.day, best.week], [null, null])
      assert.isNotNull(best.all_time)
    })
  )

  it.effect("returns null for unknown values before the first event", () =>
    Effect.gen(function* () {
      const { read } = yield* miningRoutes()
      const pool = Object(yield* read("/api/v1/pool"))
      assert.deepStrictEqual(pool.hashrate["24h"], { value: 0, low: 0, high: null, shares: 0 })
      assert.deepStrictEqual(pool.best, { day: null, week: null, all_time: null })
      assert.deepStrictEqual([pool.as_of, pool.lag_ms, pool.network], [null, null, null])
      assert.deepStrictEqual(yield* read("/api/v1/network"), { network: null })
      const { high, shares: none } = Object(yield* read("/api/v1/pool/hashrate?window=1h")).points[0]
      assert.deepStrictEqual([high, none], [null, 0])
    })
  )
})

describe("hashrate charts", () => {
  it.effect("have the sums of each step of the pool, a miner and a worker, in all windows", () =>
    Effect.gen(function* () {
      const { client, get, read } = yield* miningRoutes()
      yield* Effect.provide(storeShares(shares), client)
      const ofAlice = shares.filter(({ address }) => address === alice)
      for (const row of steps) {
        assertChart(yield* read(`/api/v1/pool/hashrate?window=${row[0]}`), shares, row)
        assertChart(yield* read(`/api/v1/miners/${alice}/hashrate?window=${row[0]}`), ofAlice, row)
        const ofRig = ofAlice.filter(({ worker }) => worker === "rig2")
        assertChart(yield* read(`/api/v1/miners/${alice}/hashrate?window=${row[0]}&worker=rig2`), ofRig, row)
      }
      assert.strictEqual((yield* get(`/api/v1/miners/${alice}/hashrate?worker=unknown`)).status, 404)
      assert.strictEqual((yield* get("/api/v1/pool/hashrate?window=2h")).status, 422)
    })
  )
})

describe("GET /api/v1/network", () => {
  it.effect("has the newest block, with the newest known difficulty", () =>
    Effect.gen(function* () {
      const { client, read } = yield* miningRoutes()
      const insert = Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql`INSERT INTO tbg_api.mining_network (height, hash, difficulty, at) VALUES
          (900000, 'aa', 2e14, '2026-12-09T10:00:00Z'), (900001, 'bb', NULL, '2026-12-09T10:10:00.000001Z')`
      )
      yield* Effect.provide(insert, client)
      const expected = { height: 900_001, difficulty: 2e14, at: "2026-12-09T10:10:00.000001Z" }
      assert.deepStrictEqual(yield* read("/api/v1/network"), { network: { ...expected, hash: "bb" } })
      assert.deepStrictEqual(Object(yield* read("/api/v1/pool")).network, expected)
    })
  )
})
