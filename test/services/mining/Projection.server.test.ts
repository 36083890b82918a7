import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { LeadershipLost } from "../../../src/services/mining/Leadership.ts"
import { Projection } from "../../../src/services/mining/Projection.ts"
import { whileLocked } from "../../support/Locks.ts"
import { addressA, addressB, entryOf, second, shareEntry } from "../../support/mining/Entries.ts"
import { miningServices, takeLease } from "../../support/mining/MiningServices.ts"
import { applyAll, clear, tables } from "../../support/mining/MiningTables.ts"

layer(miningServices)("Projection", (it) => {
  it.effect("computes work, bests, histogram and pool of two shares", () =>
    Effect.gen(function* () {
      yield* clear
      const first = { at: 1_500_001, difficulty: 1000, reached: 4000 }
      yield* applyAll([[shareEntry(first), shareEntry({ at: 301 * second, difficulty: 500, reached: 400 })]])
      const found = yield* tables
      const name = `${addressA}.rig`
      const bucket = "2024-12-01 00:00:00+00"
      assert.deepStrictEqual(found.work5m, [
        JSON.stringify({
          name,
          bucket,
          difficulty: 1000,
          shares: 1,
          below: 0,
          best: 4000,
          best_at: "2024-12-01 00:00:01.500001+00"
        }),
        JSON.stringify({
          name,
          bucket: "2024-12-01 00:05:00+00",
          difficulty: 500,
          shares: 1,
          below: 1,
          best: 400,
          best_at: "2024-12-01 00:05:01+00"
        })
      ])
      assert.strictEqual(found.work1h.length, 2)
      const ratio = yield* (yield* SqlClient.SqlClient)`SELECT day::text, bin, shares FROM tbg_api.mining_ratios`
      assert.deepStrictEqual(ratio, [{ day: "2024-12-01", bin: 16, shares: 1 }])
      const pool = yield* (yield* SqlClient.SqlClient)`
        SELECT shares::int, work::float8, work_squared::float8, max_difficulty FROM tbg_api.mining_pool WHERE step = 3600`
      assert.deepStrictEqual(pool, [{ shares: 2, work: 1500, work_squared: 1_250_000, max_difficulty: 1000 }])
    })
  )

  it.effect("writes bests, workers and shares to the outbox, numbered without gaps", () =>
    Effect.gen(function* () {
      yield* clear
      const sql = yield* SqlClient.SqlClient
      const copy = { at: second, arrived: 5000 }
      yield* applyAll([
        [shareEntry({ at: 2 * second })],
        [shareEntry(copy), shareEntry({ at: 9 * second, reached: 3000 })]
      ])
      const rows = yield* sql<{ readonly first: unknown; readonly last: unknown; readonly events: string }>`
        SELECT first::int, last::int, events FROM tbg_api.mining_outbox ORDER BY last`
      const share = { type: "share", address: addressA, worker: "rig", difficulty: 1000 }
      const best = { type: "best", address: addressA, worker: "rig" }
      const events = rows.map((row) => ({ ...row, events: JSON.parse(row.events) }))
      assert.deepStrictEqual<unknown>(events, [
        {
          first: 1,
          last: 3,
          events: [
            { ...share, at: "2024-12-01T00:00:02.000000Z", reached: 2000 },
            { type: "worker", address: addressA, worker: "rig", state: "seen", at: "2024-12-01T00:00:02.000000Z" },
            { ...best, difficulty: 2000, previous: null, at: "2024-12-01T00:00:02.000000Z" }
          ]
        },
        {
          first: 4,
          last: 5,
          events: [
            { ...share, at: "2024-12-01T00:00:09.000000Z", reached: 3000 },
            { ...best, difficulty: 3000, previous: 2000, at: "2024-12-01T00:00:09.000000Z" }
          ]
        }
      ])
    })
  )

  it.effect("keeps connections, network blocks and found blocks, each block once", () =>
    Effect.gen(function* () {
      yield* clear
      const sql = yield* SqlClient.SqlClient
      const user = { user: addressA, worker: "rig" }
      const found = { ...user, height: 5, hash: "", diff: 0, network_diff: 0 }
      yield* applyAll([
        [entryOf("miner_connected", 2 * second, user), entryOf("miner_disconnected", second, user)],
        [entryOf("block_found", second, found), entryOf("block_found", 3 * second, { ...found, hash: "00ab" })],
        [entryOf("block_found", second, { ...found, user: "pool" }), entryOf("block_found", second, found)],
        [entryOf("new_block_network", second, { height: 6, hash: "00cd", diff: 7, prev_hash: "00ab" })]
      ])
      assert.deepStrictEqual(
        yield* sql`SELECT name, connected_at::text, disconnected_at::text, shares::int FROM tbg_api.mining_workers`,
        [{ name: "rig", connected_at: "2024-12-01 00:00:02+00", disconnected_at: "2024-12-01 00:00:01+00", shares: 0 }]
      )
      assert.deepStrictEqual(
        yield* sql`SELECT height, hash, worker_id, found_at::text FROM tbg_api.mining_blocks ORDER BY id`,
        [
          { height: 5, hash: "00ab", worker_id: 1, found_at: "2024-12-01 00:00:01+00" },
          { height: 5, hash: null, worker_id: null, found_at: "2024-12-01 00:00:01+00" }
        ]
      )
      assert.deepStrictEqual(yield* sql`SELECT height, hash, prev_hash, difficulty FROM tbg_api.mining_network`, [
        { height: 6, hash: "00cd", prev_hash: "00ab", difficulty: 7 }
      ])
      const facts = yield* sql`SELECT kind FROM tbg_api.mining_facts ORDER BY id`
      assert.deepStrictEqual(facts, [{ kind: "worker" }, { kind: "block" }, { kind: "block" }])
    })
  )

  it.effect("quarantines and counts refused events, and applies the rest of the batch", () =>
    Effect.gen(function* () {
      yield* clear
      const sql = yield* SqlClient.SqlClient
      const forged = entryOf("share_submitted", 0, { user: addressA, worker: `${addressB}.x`, diff: 1, sdiff: 2 })
      const odd = entryOf("share_submitted", 0, { user: addressA, worker: `${addressA}.\0` })
      yield* applyAll([[forged, odd, entryOf("payout_sent", 0, {}), shareEntry({ at: 0 })]])
      assert.deepStrictEqual(
        yield* sql`
          SELECT name, label, value::int FROM tbg_api.mining_counters WHERE name <> 'duplicates' ORDER BY name, label`,
        [
          { name: "events", label: "share_submitted", value: 3 },
          { name: "quarantined", label: "bad_text", value: 1 },
          { name: "quarantined", label: "misattributed", value: 1 },
          { name: "skipped", label: "unknown_type", value: 1 }
        ]
      )
      assert.strictEqual((yield* sql`SELECT FROM tbg_api.mining_shares`).length, 1)
    })
  )

  it.effect("counts all workers beyond 1,000 of an address as one", () =>
    Effect.gen(function* () {
      yield* clear
      const sql = yield* SqlClient.SqlClient
      const entries = Array.from({ length: 1003 }, (_, n) =>
        shareEntry({ at: n, sequence: n, worker: `w${n}`, reached: 2000 + n })
      )
      yield* applyAll([entries.slice(0, 500), entries.slice(500), entries])
      assert.deepStrictEqual(
        yield* sql`
          SELECT a.workers, a.shares::int, w.shares::int AS others, (SELECT count(*)::int FROM tbg_api.mining_workers)
          FROM tbg_api.mining_addresses a JOIN tbg_api.mining_workers w ON w.address_id = a.id AND w.name = 'other'`,
        [{ workers: 1000, shares: 1003, others: 3, count: 1001 }]
      )
    })
  )

  it.effect("commits nothing after another process took over the lease", () =>
    Effect.gen(function* () {
      yield* clear
      const sql = yield* SqlClient.SqlClient
      const { apply } = yield* Projection
      const former = yield* takeLease
      yield* takeLease
      const outcome = yield* Effect.flip(apply(former, [shareEntry({ at: 0 })], true))
      assert.instanceOf(outcome, LeadershipLost)
      assert.strictEqual((yield* sql`SELECT FROM tbg_api.mining_shares`).length, 0)
    })
  )

  it.effect("continues while a backup reads expired shares, and removes them the next time", () =>
    Effect.gen(function* () {
      yield* clear
      const sql = yield* SqlClient.SqlClient
      const kept = sql`
        SELECT slot, count(*)::int AS shares FROM tbg_api.mining_shares GROUP BY 1 ORDER BY 1`
      const shareAfter = (hours: number) => [[shareEntry({ at: hours * 3600 * second, reached: 2000 + hours })]]
      yield* applyAll(shareAfter(0))
      yield* whileLocked("SELECT FROM tbg_api.mining_shares", applyAll(shareAfter(4)))
      assert.deepStrictEqual(yield* kept, [{ slot: 0, shares: 2 }])
      assert.lengthOf((yield* tables).work1h, 2)
      yield* applyAll(shareAfter(8))
      assert.deepStrictEqual(yield* kept, [{ slot: 0, shares: 1 }])
    })
  )

  it.effect("reports the time of an event that Redis dated ahead as now", () =>
    Effect.gen(function* () {
      yield* clear
      const sql = yield* SqlClient.SqlClient
      yield* sql`UPDATE tbg_api.mining_state SET last_event_at = NULL`
      yield* applyAll([[entryOf("hashrate_update", 0, {}, "7258118400000-0")]])
      const rows = yield* sql`SELECT last_event_at <= clock_timestamp() AS "isPast" FROM tbg_api.mining_state`
      assert.deepStrictEqual(rows, [{ isPast: true }])
    })
  )
})
