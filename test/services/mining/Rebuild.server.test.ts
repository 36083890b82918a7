import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Random } from "effect"
import { SqlClient } from "effect/sql"
import { LeadershipLost } from "../../../src/services/mining/Leadership.ts"
import { Projection } from "../../../src/services/mining/Projection.ts"
import { Rebuild } from "../../../src/services/mining/Rebuild.ts"
import { addressC, archive } from "../../support/mining/Archive.ts"
import { addressA, second, shareEntry } from "../../support/mining/Entries.ts"
import type { ShareFields } from "../../support/mining/Entries.ts"
import { miningServices, network, takeLease } from "../../support/mining/MiningServices.ts"
import { applyAll, clear, tables } from "../../support/mining/MiningTables.ts"

const hour = 3600 * second
const day = 24 * hour
/** The test clock, relative to `start`. */
const now = day

const clearAll = Effect.gen(function* () {
  yield* clear
  const sql = yield* SqlClient.SqlClient
  yield* sql`TRUNCATE public.shares, tbg_api.mining_gaps, tbg_api.mining_rebuilds, tbg_api.mining_rebuild_days`
})

const rebuildAll = Effect.gen(function* () {
  const { begin, next, report } = yield* Rebuild
  const { days, id } = yield* begin
  yield* Effect.repeat(next(id), { until: (isFinished) => isFinished })
  return { days, report: yield* report(id) }
})

const pick = <A>(values: readonly [A, ...ReadonlyArray<A>]) =>
  Effect.map(Random.nextIntBetween(0, values.length), (index) => values[index] ?? values[0])

/** Shares around the ends of buckets, hours and days, without two that are copies of each other. */
const randomShares = Effect.gen(function* () {
  const shares: Array<ShareFields> = []
  for (let n = 0; n < 200; n += 1) {
    const edge = yield* pick([-2 * day, -day, 0, 300 * second, hour, now - hour, now - 100 * second])
    shares.push({
      at: edge + n * 3 * second - 300 * second + 7,
      sequence: n,
      address: yield* pick([addressA, addressC]),
      worker: yield* pick(["rig.1", "default"]),
      difficulty: yield* pick([0.001, 1000, 3.7]),
      reached: yield* pick([0.0005, 1700.25, 3.7, 1e6])
    })
  }
  return shares.filter(({ at }) => at <= now)
})

/** All tables. Of the raw shares and the seconds of the pool, only what the retention keeps. */
const keptTables = Effect.gen(function* () {
  const all = yield* tables
  const isKept = (row: string) => !row.includes('"step":1,') || row.includes('"2024-12-01 2') || row.includes("12-02")
  return { ...all, shares: all.shares.filter((row) => /12-01 2[234]|12-02/.test(row)), pool: all.pool.filter(isKept) }
})

layer(Rebuild.layer({ network }).pipe(Layer.provideMerge(miningServices)))("Rebuild", (it) => {
  it.effect("computes the same tables from shares as the projection from events, also over damaged tables", () =>
    Effect.gen(function* () {
      yield* clearAll
      const sql = yield* SqlClient.SqlClient
      const shares = yield* randomShares
      const copies = shares.slice(0, 40).map((share) => ({ ...share, at: share.at + second }))
      const entries = yield* Random.shuffle([...shares, ...copies].map((share) => shareEntry(share)))
      yield* applyAll([[...entries].slice(0, 100), [...entries].slice(100)])
      yield* archive(yield* Random.shuffle(shares))
      const expected = yield* keptTables
      yield* sql`UPDATE tbg_api.mining_work_1d SET shares = shares + 1, best = best * 2`
      yield* sql`UPDATE tbg_api.mining_work_1h SET below = below + 1, bucket = bucket + interval '30 minutes'`
      yield* sql`TRUNCATE tbg_api.mining_work_5m, tbg_api.mining_shares, tbg_api.mining_ratios`
      yield* sql`UPDATE tbg_api.mining_pool SET work = work * 2`
      yield* sql`UPDATE tbg_api.mining_pool_bests SET best = 1e17`
      yield* sql`UPDATE tbg_api.mining_workers SET shares = 0, best = 1e17, last_share_at = now(), difficulty = 9`
      yield* sql`UPDATE tbg_api.mining_addresses SET shares = 0, first_seen = NULL, best = 1e17`
      const { days, report } = yield* rebuildAll
      assert.deepStrictEqual<unknown>(yield* keptTables, expected)
      assert.strictEqual(days, report.days)
      assert.deepStrictEqual([report.shares.after, report.skipped], [shares.length, 0])
      assert.isAbove(report.shares.before, report.shares.after)
      const again = yield* rebuildAll
      assert.deepStrictEqual(again.report.changedDays, [])
      assert.deepStrictEqual<unknown>(yield* keptTables, expected)
    }).pipe(Random.withSeed("rebuild"))
  )

  it.effect("keeps daily rows from before the first row of shares, and counts the rows of shares after that", () =>
    Effect.gen(function* () {
      yield* clearAll
      const sql = yield* SqlClient.SqlClient
      const old = { at: -2 * day, reached: 9000 }
      const lost = { at: -day + hour, reached: 4000 }
      const kept = { at: -day + 2 * hour, reached: 3000 }
      const recent = { at: now - hour, reached: 2500 }
      yield* applyAll([[old, lost, kept, recent].map((share) => shareEntry(share))])
      const forged = { at: -day + 3 * hour, address: addressC, worker: `${addressA}.rig`, reached: 1e9 }
      yield* archive([kept, recent, forged])
      yield* sql`UPDATE public.shares SET btc_address = ${addressA} WHERE btc_address = ${addressC}`
      yield* sql`UPDATE public.shares SET worker_name = 'forged' WHERE share_diff = 1e9`
      const { report } = yield* rebuildAll
      assert.deepStrictEqual(
        { ...report },
        {
          firstDay: "2024-11-30",
          days: 3,
          shares: { before: 3, after: 2 },
          work: { before: 3000, after: 2000 },
          skipped: 1,
          changedDays: [{ day: "2024-11-30", before: 2, after: 1 }]
        }
      )
      assert.deepStrictEqual(
        yield* sql`SELECT shares::int, best, first_seen::text, last_share_at::text FROM tbg_api.mining_addresses`,
        [{ shares: 3, best: 9000, first_seen: "2024-11-29 00:00:00+00", last_share_at: "2024-12-01 23:00:00+00" }]
      )
    })
  )

  it.effect("counts a share once if its event or its row is still on the way, or arrives during the rebuild", () =>
    Effect.gen(function* () {
      yield* clearAll
      const sql = yield* SqlClient.SqlClient
      const { begin, next } = yield* Rebuild
      const shares = [-day + hour, 0, now - hour].map((at, n) => ({ at, reached: 2000 + n }))
      const unwritten = { at: now - 2 * second, reached: 5000 }
      const unread = { at: now - second, reached: 6000 }
      yield* applyAll([[...shares, unwritten].map((share) => shareEntry(share))])
      yield* archive([...shares, unread])
      const { id } = yield* begin
      yield* next(id)
      const late = { at: -day + second, arrived: (now - second) / 1000, reached: 7000 }
      yield* applyAll([[shareEntry(late)]])
      yield* Effect.repeat(next(id), { until: (isFinished) => isFinished })
      const expected = yield* tables
      yield* applyAll([[shareEntry(unread)], [shareEntry(unwritten)]])
      assert.deepStrictEqual(
        yield* sql`SELECT shares::int, best, first_seen::text, last_share_at::text FROM tbg_api.mining_workers`,
        [{ shares: 6, best: 7000, first_seen: "2024-11-30 00:00:01+00", last_share_at: "2024-12-01 23:59:59+00" }]
      )
      assert.deepStrictEqual({ ...(yield* tables), duplicates: [] }, { ...expected, duplicates: [] })
    })
  )

  it.effect("closes gaps that it has counted, and rejects a refill that the leader has already read", () =>
    Effect.gen(function* () {
      yield* clearAll
      const sql = yield* SqlClient.SqlClient
      const { apply } = yield* Projection
      yield* applyAll([[shareEntry({ at: now - 10 * second })]])
      yield* archive([{ at: -day }, { at: now - 10 * second }])
      yield* sql`
        INSERT INTO tbg_api.mining_gaps (reason, from_at, to_at, next_at, created_at)
        VALUES ('trimmed', '2024-11-29Z', '2024-12-01Z', '2024-11-30 12:00Z', now())`
      const lease = yield* takeLease
      yield* rebuildAll
      const refused = yield* Effect.flip(apply(lease, [shareEntry({ at: now })], true))
      assert.instanceOf(refused, LeadershipLost)
      assert.lengthOf(yield* sql`SELECT FROM tbg_api.mining_gaps WHERE finished_at IS NULL`, 0)
      const next = yield* takeLease
      yield* rebuildAll
      assert.strictEqual((yield* apply(next, [shareEntry({ at: now })], true)).counted, 1)
    })
  )

  it.effect("refuses to start before the projection has read an event, and if shares is empty", () =>
    Effect.gen(function* () {
      yield* clearAll
      const { begin } = yield* Rebuild
      assert.strictEqual((yield* Effect.flip(begin))._tag, "NothingToRebuild")
      yield* archive([{ at: 0 }])
      const refused = yield* Effect.flip(begin)
      assert.deepStrictEqual(refused._tag === "NothingToRebuild" && refused.reason, "never_started")
    })
  )
})
