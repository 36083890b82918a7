import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { StreamEntry } from "../../../src/domain/mining/StreamEntry.ts"
import { Projection } from "../../../src/services/mining/Projection.ts"
import { takeLease } from "./MiningServices.ts"

/** Empties the tables, except for the lease. */
export const clear = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`
    TRUNCATE tbg_api.mining_addresses, tbg_api.mining_workers, tbg_api.mining_shares, tbg_api.mining_work_5m,
      tbg_api.mining_work_1h, tbg_api.mining_work_1d, tbg_api.mining_ratios, tbg_api.mining_pool,
      tbg_api.mining_pool_bests, tbg_api.mining_blocks, tbg_api.mining_network, tbg_api.mining_counters,
      tbg_api.mining_quarantine, tbg_api.mining_outbox, tbg_api.mining_facts, tbg_api.mining_streams RESTART IDENTITY`
  yield* sql`UPDATE tbg_api.mining_state SET slot_hour = 0, outbox = 0`
})
/** Applies batches as the leader. */
export const applyAll = Effect.fnUntraced(function* (batches: ReadonlyArray<ReadonlyArray<StreamEntry>>) {
  const lease = yield* takeLease
  const { apply } = yield* Projection
  return yield* Effect.forEach(batches, (batch) => apply(lease, batch, true))
})
const textOf = (rows: ReadonlyArray<unknown>) => rows.map((row) => JSON.stringify(row)).toSorted()

/** Everything that depends on the set of shares, with names instead of ids. */
export const tables = Effect.gen(function* () {
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
      sql`SELECT step, bucket::text, shares::int, trim_scale(work)::text AS work, trim_scale(work_squared)::text AS work_squared FROM tbg_api.mining_pool`,
      textOf
    ),
    poolBests: Effect.map(
      sql`SELECT day::text, best, best_at::text, n.name FROM tbg_api.mining_pool_bests t JOIN ${names} n ON n.id = t.worker_id`,
      textOf
    ),
    duplicates: sql`SELECT value::int FROM tbg_api.mining_counters WHERE name = 'duplicates'`
  })
})
