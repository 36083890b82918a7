import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { dashboard, own as shares } from "../../support/mining/Dashboard.ts"
import { expectedRates, textOf } from "../../support/mining/ExpectedRates.ts"
import { alice, bob, now } from "../../support/mining/MiningRoutes.ts"
import type { StoredShare } from "../../support/mining/StoredShares.ts"

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const midnight = Math.floor(now / day) * day

const between = (since: number, until: number) => shares.filter(({ at }) => at >= since && at < until)
const work = (some: ReadonlyArray<StoredShare>) => some.reduce((sum, { difficulty }) => sum + difficulty, 0)
const best = (some: ReadonlyArray<StoredShare>) => Math.max(...some.map(({ reached }) => reached))
/** The newest share; of equally new ones, the best. */
const newest = (some: ReadonlyArray<StoredShare>) =>
  some.reduce((a, b) => (b.at > a.at || (b.at === a.at && b.reached > a.reached) ? b : a))
const today = between(midnight, now + 1)

const assertHashrates = (found: Record<string, unknown>, own: ReadonlyArray<StoredShare>) => {
  for (const [window, , value] of expectedRates(own).slice(0, 4)) {
    const rate = Number(found[`hashrate_${window}`])
    assert.closeTo(rate, value, value * 1e-12, window)
  }
}
const withoutHashrates = (found: object) =>
  Object.fromEntries(Object.entries(found).filter(([name]) => !name.startsWith("hashrate_")))

const blocks = `
  INSERT INTO tbg_api.mining_blocks (height, hash, address_id, worker_id, found_at)
  SELECT 900000 + w.id, 'h' || w.id, w.address_id, w.id, '2026-12-09T01:00:00Z' FROM tbg_api.mining_workers w`
const network = `
  INSERT INTO tbg_api.mining_network (height, hash, prev_hash, difficulty, at)
  VALUES (900100, 'n1', NULL, 1e14, '2026-12-09T02:00:00Z'), (900101, 'n2', 'n1', NULL, '2026-12-09T03:00:00Z')`

describe("GET /api/v1/mining/hashrate", () => {
  it.effect("equals the sums over all shares of all addresses of the player", () =>
    Effect.gen(function* () {
      const { mine, run } = yield* dashboard
      yield* run(blocks)
      const found = Object(yield* mine("/mining/hashrate"))
      assertHashrates(found, shares)
      assert.deepStrictEqual(withoutHashrates(found), {
        workers_online: 3,
        workers_total: 3,
        shares_today: today.length,
        best_diff_today: best(today),
        best_diff_alltime: best(shares),
        blocks_found: 3,
        last_share: textOf(Math.max(...shares.map(({ at }) => at)))
      })
      const own = Object(yield* mine("/mining/blocks")).blocks
      assert.lengthOf(own, 3)
      assert.deepStrictEqual(new Set(own.map((block: { address: string }) => block.address)), new Set([alice, bob]))
    })
  )
})

describe("GET /api/v1/dashboard/stats", () => {
  it.effect("compares the last hour and today with the same spans before, and the best share with the network", () =>
    Effect.gen(function* () {
      const { mine, run } = yield* dashboard
      yield* run(network)
      const { hashrate, hashrate_change, shares_change, ...found } = Object(yield* mine("/dashboard/stats"))
      const [last, before] = [work(between(now - hour + 1, now + 1)), work(between(now - 2 * hour + 1, now - hour + 1))]
      assert.closeTo(hashrate, (last * 2 ** 32) / 3600, 1)
      assert.closeTo(hashrate_change, 100 * (last / before - 1), 1e-6)
      const sameTime = Math.round((now - day) / (5 * minute)) * 5 * minute
      const yesterday = between(midnight - day, sameTime)
      assert.isAbove(yesterday.length, 5)
      assert.closeTo(shares_change, 100 * (today.length / yesterday.length - 1), 1e-6)
      const best_diff_week = best(between(midnight - 2 * day, now + 1))
      assert.deepStrictEqual(found, {
        shares_today: today.length,
        workers_online: 3,
        workers_total: 3,
        best_diff_week,
        network_diff: 1e14,
        best_diff_ratio: best_diff_week / 1e14,
        network_height: 900_101
      })
    })
  )
})

describe("GET /api/v1/mining/hashrate/chart", () => {
  it.effect.each([
    ["1h", 60],
    ["24h", 300],
    ["7d", 3600],
    ["30d", 21_600]
  ] as const)("has the sum of each step of %s", ([window, step]) =>
    Effect.gen(function* () {
      const { mine } = yield* dashboard
      const found = Object(yield* mine(`/mining/hashrate/chart?window=${window}`))
      assert.strictEqual(found.window, window)
      const length = step * 1000
      const rates = found.points.map(({ time }: { time: string }, index: number) => {
        const start = Math.floor(now / length) * length - (found.points.length - 1 - index) * length
        assert.strictEqual(time, textOf(start))
        return (work(between(start, Math.min(start + length, now + 1))) * 2 ** 32) / step
      })
      for (const [index, { hashrate }] of found.points.entries()) assert.closeTo(hashrate, rates[index], 1)
      const total = rates.reduce((sum: number, rate: number) => sum + rate, 0)
      assert.closeTo(found.average, total / rates.length, 1)
      assert.closeTo(found.peak, Math.max(...rates), 1)
      assert.closeTo(found.current, (work(between(now - 5 * minute + 1, now + 1)) * 2 ** 32) / 300, 1)
    })
  )
})

describe("GET /api/v1/mining/workers", () => {
  it.effect("lists the workers of all addresses with their own figures", () =>
    Effect.gen(function* () {
      const { mine, run } = yield* dashboard
      const connected = [now - 20 * hour, now - 90 * minute, now - 10 * day]
      const [recent, raw, old] = connected.map(textOf)
      yield* run(`UPDATE tbg_api.mining_workers SET connected_at = CASE name
        WHEN 'a.b' THEN '${recent}' WHEN 'default' THEN '${raw}' ELSE '${old}' END::timestamptz`)
      const found: ReadonlyArray<Record<string, unknown>> = Object(yield* mine("/mining/workers"))
      assert.deepStrictEqual(
        found.map(({ name }) => name),
        ["a.b", "default", "rig1"]
      )
      const steps = [5 * minute, 1, hour]
      for (const [index, worker] of found.entries()) {
        const own = shares.filter((share) => share.worker === worker["name"])
        assertHashrates(worker, own)
        const [at = 0, step = 1] = [connected[index], steps[index]]
        assert.deepStrictEqual(withoutHashrates(worker), {
          name: own[0]?.worker,
          status: "online",
          current_diff: newest(own).difficulty,
          best_diff: best(own),
          valid_shares: own.length,
          invalid_shares: null,
          accept_rate: null,
          last_share: textOf(Math.max(...own.map((share) => share.at))),
          connected_at: textOf(at),
          ip_address: null,
          user_agent: null,
          shares_session: own.filter((share) => share.at >= Math.floor(at / step) * step).length
        })
      }
    })
  )

  it.effect("counts shares since a connect over 34 days ago by days, and returns null without a known connect", () =>
    Effect.gen(function* () {
      const { mine, run } = yield* dashboard
      yield* run(`UPDATE tbg_api.mining_workers SET connected_at = '${textOf(now - 40 * day)}' WHERE name = 'rig1'`)
      const found: ReadonlyArray<Record<string, unknown>> = Object(yield* mine("/mining/workers"))
      assert.deepStrictEqual(
        found.map(({ connected_at, shares_session }) => [connected_at, shares_session]),
        [
          [null, null],
          [null, null],
          [textOf(now - 40 * day), 902]
        ]
      )
    })
  )
})
