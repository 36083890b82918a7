import { assert, layer } from "@effect/vitest"
import { Effect, Random } from "effect"
import { SqlClient } from "effect/sql"
import { judge } from "../../../src/domain/mining/Copies.ts"
import type { StreamEntry } from "../../../src/domain/mining/StreamEntry.ts"
import { LeadershipLost } from "../../../src/services/mining/Leadership.ts"
import { Projection } from "../../../src/services/mining/Projection.ts"
import { addressA, addressB, entryOf, second, shareEntry, start } from "../../support/mining/Entries.ts"
import type { ShareFields } from "../../support/mining/Entries.ts"
import { miningServices, takeLease } from "../../support/mining/MiningServices.ts"

const clear = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`
    TRUNCATE tbg_api.mining_addresses, tbg_api.mining_workers, tbg_api.mining_shares, tbg_api.mining_work_5m,
      tbg_api.mining_work_1h, tbg_api.mining_work_1d, tbg_api.mining_ratios, tbg_api.mining_pool,
      tbg_api.mining_pool_bests, tbg_api.mining_blocks, tbg_api.mining_network, tbg_api.mining_counters,
      tbg_api.mining_quarantine, tbg_api.mining_outbox, tbg_api.mining_facts, tbg_api.mining_streams RESTART IDENTITY`
  yield* sql`UPDATE tbg_api.mining_state SET slot_hour = 0, outbox = 0`
})
const applyAll = Effect.fnUntraced(function* (batches: ReadonlyArray<ReadonlyArray<StreamEntry>>) {
  const lease = yield* takeLease
  const { apply } = yield* Projection
  return yield* Effect.forEach(batches, (batch) => apply(lease, batch, true))
})
const textOf = (rows: ReadonlyArray<unknown>) => rows.map((row) => JSON.stringify(row)).toSorted()

/** Everything that depends on the set of shares, with names instead of ids. */
const tables = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const names = sql`
    (SELECT w.id, a.address || '.' || w.name AS name FROM tbg_api.mining_workers w
    JOIN tbg_api.mining_addresses a ON a.id = w.address_id)`
  const work = (table: string) => sql`
    SELECT n.name, bucket::text, difficulty, shares, below, best, best_at::text
    FROM tbg_api.${sql.literal(table)} t JOIN ${names} n ON n.id = t.worker_id`
  return yield* Effect.all({
    shares: Effect.map(
      sql`
        SELECT n.name, at::text, difficulty, reached FROM tbg_api.mining_shares t JOIN ${names} n ON n.id = t.worker_id
        WHERE is_counted`,
      textOf
    ),
    work5m: Effect.map(work("mining_work_5m"), textOf),
    work1h: Effect.map(work("mining_work_1h"), textOf),
    work1d: Effect.map(work("mining_work_1d"), textOf),
    workers: Effect.map(
      sql`
        SELECT address, name, w.shares::int, w.first_seen::text, w.last_share_at::text, difficulty, w.best, w.best_at::text
        FROM tbg_api.mining_workers w JOIN tbg_api.mining_addresses a ON a.id = w.address_id`,
      textOf
    ),
    addresses: Effect.map(
      sql`
        SELECT address, a.workers, a.shares::int, first_seen::text, last_share_at::text, best, best_at::text, n.name
        FROM tbg_api.mining_addresses a JOIN ${names} n ON n.id = a.best_worker_id`,
      textOf
    ),
    ratios: Effect.map(
      sql`
        SELECT address, day::text, bin, r.shares FROM tbg_api.mining_ratios r
        JOIN tbg_api.mining_addresses a ON a.id = r.address_id`,
      textOf
    ),
    pool: Effect.map(
      sql`SELECT step, bucket::text, shares::int, work::text, work_squared::text FROM tbg_api.mining_pool`,
      textOf
    ),
    poolBests: Effect.map(
      sql`SELECT day::text, best, best_at::text, n.name FROM tbg_api.mining_pool_bests t JOIN ${names} n ON n.id = t.worker_id`,
      textOf
    ),
    duplicates: sql`SELECT value::int FROM tbg_api.mining_counters WHERE name = 'duplicates'`
  })
})

const day = 86_400 * second
/** Times around the ends of buckets, minutes and days, in microseconds after `start`. */
const edges = [day - 3601 * second, day - 301 * second, day - second, day + 10 * second]

/** Workers never tie, because ids decide ties, and ids depend on the order of arrival. */
const workers = [
  { address: addressA, worker: "rig.1" },
  { address: addressA, worker: "default" },
  { address: addressB, worker: "rig.1" }
]

const pick = <A>(values: ReadonlyArray<A>) =>
  Effect.map(Random.nextIntBetween(0, values.length - 1), (index) => ({ index, value: values[index] }))

const randomShare = Effect.gen(function* () {
  const { index, value: miner } = yield* pick(workers)
  const { value: edge = 0 } = yield* pick(edges)
  const at = edge + (yield* Random.nextIntBetween(0, 8)) * 400_000 + index
  return {
    at,
    arrived: Math.floor(at / 1000) + (yield* Random.nextIntBetween(0, 3)) * 1000,
    sequence: yield* Random.nextIntBetween(0, 1_000_000),
    address: miner?.address ?? "",
    worker: miner?.worker ?? "",
    difficulty: (yield* pick([0.001, 1000])).value ?? 0,
    reached: (yield* pick([0.0005, 0.0021, 1700.25])).value ?? 0
  } satisfies ShareFields
})

/** Applies only the shares that count, each alone and in order of time. */
const naively = Effect.fnUntraced(function* (shares: ReadonlyArray<Required<ShareFields>>) {
  yield* clear
  const keyOf = ({ address, difficulty, reached, worker }: Required<ShareFields>) =>
    `${address} ${worker} ${difficulty} ${reached}`
  const counted = [...Map.groupBy(shares, keyOf).values()].flatMap((copies) =>
    judge(copies.map((share) => ({ ...share, arrivedAt: share.arrived * 1000, isRefilled: false }))).flatMap(
      ({ isCounted, sighting }) => (isCounted ? [sighting] : [])
    )
  )
  yield* applyAll(counted.toSorted((a, b) => a.at - b.at).map((share) => [shareEntry(share)]))
  return { ...(yield* tables), duplicates: [{ value: shares.length - counted.length }] }
})

layer(miningServices)("Projection", (it) => {
  it.effect("has the same tables for a set of shares, in whatever order and batches they and their copies arrive", () =>
    Effect.gen(function* () {
      for (let round = 0; round < 6; round += 1) {
        const shares = yield* Effect.forEach(Array.from({ length: 60 }), () => randomShare)
        const expected = yield* naively(shares)
        yield* clear
        const entries = (yield* Random.shuffle(shares)).map((share) => shareEntry(share))
        const size = yield* Random.nextIntBetween(1, 30)
        const batches = Array.from({ length: Math.ceil(60 / size) }, (_, index) =>
          [...entries].slice(index * size, (index + 1) * size)
        )
        yield* applyAll(batches)
        assert.deepStrictEqual<unknown>(yield* tables, expected, `round ${round}`)
      }
    }).pipe(Random.withSeed("projection"))
  )

  it.effect("computes work, bests, histogram and pool of two shares", () =>
    Effect.gen(function* () {
      yield* clear
      const first = { at: 1_500_001, difficulty: 1000, reached: 4000 }
      yield* applyAll([[shareEntry(first), shareEntry({ at: 301 * second, difficulty: 500, reached: 400 })]])
      const found = yield* tables
      const name = `${addressA}.rig`
      const bucket = "2026-12-01 00:00:00+00"
      assert.deepStrictEqual(found.work5m, [
        JSON.stringify({
          name,
          bucket,
          difficulty: 1000,
          shares: 1,
          below: 0,
          best: 4000,
          best_at: "2026-12-01 00:00:01.500001+00"
        }),
        JSON.stringify({
          name,
          bucket: "2026-12-01 00:05:00+00",
          difficulty: 500,
          shares: 1,
          below: 1,
          best: 400,
          best_at: "2026-12-01 00:05:01+00"
        })
      ])
      assert.strictEqual(found.work1h.length, 2)
      const ratio = yield* (yield* SqlClient.SqlClient)`SELECT day::text, bin, shares FROM tbg_api.mining_ratios`
      assert.deepStrictEqual(ratio, [{ day: "2026-12-01", bin: 16, shares: 1 }])
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
            { ...share, at: "2026-12-01T00:00:02.000000Z", reached: 2000 },
            { type: "worker", address: addressA, worker: "rig", state: "seen", at: "2026-12-01T00:00:02.000000Z" },
            { ...best, difficulty: 2000, previous: null, at: "2026-12-01T00:00:02.000000Z" }
          ]
        },
        {
          first: 4,
          last: 5,
          events: [
            { ...share, at: "2026-12-01T00:00:09.000000Z", reached: 3000 },
            { ...best, difficulty: 3000, previous: 2000, at: "2026-12-01T00:00:09.000000Z" }
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
        [{ name: "rig", connected_at: "2026-12-01 00:00:02+00", disconnected_at: "2026-12-01 00:00:01+00", shares: 0 }]
      )
      assert.deepStrictEqual(
        yield* sql`SELECT height, hash, worker_id, found_at::text FROM tbg_api.mining_blocks ORDER BY id`,
        [
          { height: 5, hash: "00ab", worker_id: 1, found_at: "2026-12-01 00:00:01+00" },
          { height: 5, hash: null, worker_id: null, found_at: "2026-12-01 00:00:01+00" }
        ]
      )
      assert.deepStrictEqual(yield* sql`SELECT height, hash, prev_hash, difficulty FROM tbg_api.mining_network`, [
        { height: 6, hash: "00cd", prev_hash: "00ab", difficulty: 7 }
      ])
      const facts = yield* sql`SELECT kind FROM tbg_api.mining_facts ORDER BY id`
      assert.deepStrictEqual(facts, [{ kind: "worker" }, { kind: "block" }, { kind: "block" }])
    })
  )

  it.effect("quarantines and counts what it refuses, and applies the rest of the batch", () =>
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

  it.effect("counts the workers of an address beyond 1,000 as one", () =>
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

  it.effect("commits nothing after another process took the lease over", () =>
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
})
