import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { Connection, FoundBlock, NetworkBlock } from "../../../domain/mining/Event.ts"
import { arrivalOf } from "../../../domain/mining/StreamEntry.ts"
import type { Count, Quarantined } from "./Batch.ts"
import { keyOf } from "./Miners.ts"
import type { Miner } from "./Miners.ts"
import { rowsOf, timeOf } from "./Rows.ts"

const decodeInserted = Schema.decodeUnknownEffect(
  Schema.Array(Schema.Struct({ id: Schema.String, row: Schema.Int, isNew: Schema.Boolean }))
)

/** One value for each key, in the order in which the keys first appear. */
const mergeBy = <A>(
  values: ReadonlyArray<A>,
  keyOf: (value: A) => string,
  merge: (value: A, other: A) => A
): ReadonlyArray<A> => {
  const merged = new Map<string, A>()
  for (const value of values) {
    const key = keyOf(value)
    const known = merged.get(key)
    merged.set(key, known === undefined ? value : merge(known, value))
  }
  return [...merged.values()]
}

interface Block {
  readonly at: number
  readonly hash: string | null
  readonly difficulty: number | null
}

/** Several events may report one block, each with different values missing. */
const mergeBlocks = <A extends Block>(block: A, other: A): A => ({
  ...block,
  at: Math.min(block.at, other.at),
  hash: block.hash ?? other.hash,
  difficulty: block.difficulty ?? other.difficulty
})

/** Records events other than shares, in the transaction in progress. */
export const makeRecords = Effect.map(SqlClient.SqlClient, (sql) => {
  const at = (column: string) => timeOf(sql, column)

  const inserted = <A>(rows: ReadonlyArray<A>, result: ReadonlyArray<unknown>) =>
    Effect.map(Effect.orDie(decodeInserted(result)), (found) =>
      found.flatMap(({ id, isNew, row }) => {
        const value = rows[row]
        return isNew && value !== undefined ? [{ id: Number(id), ...value }] : []
      })
    )

  const connections = (events: ReadonlyArray<Connection>, miners: ReadonlyMap<string, Miner>) => {
    const rows = events.flatMap((event) => {
      const miner = miners.get(keyOf(event))
      return miner === undefined ? [] : [{ id: miner.workerId, on: event._tag === "Connected", at: event.at }]
    })
    return sql`
      UPDATE tbg_api.mining_workers t SET
        connected_at = greatest(t.connected_at, r.connected),
        disconnected_at = greatest(t.disconnected_at, r.disconnected)
      FROM (
        SELECT id, max(${at("at")}) FILTER (WHERE "on") AS connected,
          max(${at("at")}) FILTER (WHERE NOT "on") AS disconnected
        FROM json_to_recordset(${rowsOf(rows)}::json) AS r (id int, "on" boolean, at double precision) GROUP BY id
      ) r WHERE t.id = r.id`
  }

  /** Inserts blocks; returns the new ones. */
  const found = Effect.fnUntraced(function* (events: ReadonlyArray<FoundBlock>, miners: ReadonlyMap<string, Miner>) {
    const named = events.map((event) => {
      const { address, worker } = event
      const miner = address === null || worker === null ? undefined : miners.get(keyOf({ address, worker }))
      return { ...event, addressId: miner?.addressId ?? null, workerId: miner?.workerId ?? null }
    })
    const blocks = mergeBy(
      named,
      ({ addressId, height, workerId }) => `${height} ${addressId} ${workerId}`,
      mergeBlocks
    )
    const rows = blocks.map((block, row) => ({ ...block, row }))
    const result = yield* sql`
      INSERT INTO tbg_api.mining_blocks AS t (height, hash, address_id, worker_id, difficulty, found_at)
      SELECT height, hash, "addressId", "workerId", difficulty, ${at("at")}
      FROM json_to_recordset(${rowsOf(rows)}::json) AS r (
        height int, hash text, "addressId" int, "workerId" int, difficulty double precision, at double precision, row int
      ) ORDER BY row
      ON CONFLICT (height, address_id, worker_id) DO UPDATE SET
        hash = coalesce(t.hash, excluded.hash), difficulty = coalesce(t.difficulty, excluded.difficulty),
        found_at = least(t.found_at, excluded.found_at)
      RETURNING id::text, (
        SELECT r.row FROM json_to_recordset(${rowsOf(rows)}::json) AS r (height int, "addressId" int, "workerId" int, row int)
        WHERE r.height = t.height AND r."addressId" IS NOT DISTINCT FROM t.address_id
          AND r."workerId" IS NOT DISTINCT FROM t.worker_id
      ) AS row, t.xmax = 0 AS "isNew"`
    return yield* inserted(blocks, result)
  })

  /** Inserts blocks; returns the new ones. */
  const network = Effect.fnUntraced(function* (events: ReadonlyArray<NetworkBlock>) {
    const blocks = mergeBy(events, ({ hash, height }) => `${height} ${hash}`, mergeBlocks)
    const rows = blocks.map((block, row) => ({ ...block, row }))
    const result = yield* sql`
      INSERT INTO tbg_api.mining_network AS t (height, hash, prev_hash, difficulty, at)
      SELECT height, hash, "prevHash", difficulty, ${at("at")}
      FROM json_to_recordset(${rowsOf(rows)}::json) AS r (
        height int, hash text, "prevHash" text, difficulty double precision, at double precision, row int
      ) ORDER BY row
      ON CONFLICT (height, hash) DO UPDATE SET
        prev_hash = coalesce(t.prev_hash, excluded.prev_hash), difficulty = coalesce(t.difficulty, excluded.difficulty),
        at = least(t.at, excluded.at)
      RETURNING id::text, (
        SELECT r.row FROM json_to_recordset(${rowsOf(rows)}::json) AS r (height int, hash text, row int)
        WHERE r.height = t.height AND r.hash IS NOT DISTINCT FROM t.hash
      ) AS row, t.xmax = 0 AS "isNew"`
    return yield* inserted(blocks, result)
  })

  const quarantine = (rows: ReadonlyArray<Quarantined>) => sql`
    INSERT INTO tbg_api.mining_quarantine (at, stream, entry, reason, content)
    SELECT clock_timestamp(), stream, entry, reason, content
    FROM json_to_recordset(${rowsOf(rows)}::json) AS r (stream text, entry text, reason text, content text)`

  const count = (rows: ReadonlyArray<Count>) => sql`
    INSERT INTO tbg_api.mining_counters AS t (name, label, value)
    SELECT name, label, sum(value)::bigint
    FROM json_to_recordset(${rowsOf(rows)}::json) AS r (name text, label text, value bigint) GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (name, label) DO UPDATE SET value = t.value + excluded.value`

  const positions = (newest: ReadonlyMap<string, string>) => {
    const rows = [...newest].map(([stream, entry]) => ({ stream, entry, at: arrivalOf(entry) }))
    return sql`
      INSERT INTO tbg_api.mining_streams (stream, entry, arrived_at)
      SELECT stream, entry, ${at("at")}
      FROM json_to_recordset(${rowsOf(rows)}::json) AS r (stream text, entry text, at double precision)
      ON CONFLICT (stream) DO UPDATE SET entry = excluded.entry, arrived_at = excluded.arrived_at`
  }

  /** Records that entries were processed; without `isLast`, others are waiting. */
  const advance = (newest: ReadonlyMap<string, string>, events: number, isLast: boolean) => {
    // The clock of Redis may be ahead.
    const arrival = sql`to_timestamp(${Math.max(...[...newest.values()].map(arrivalOf))}::double precision / 1e6)`
    const latest = sql`least(${arrival}, clock_timestamp())`
    return sql`
      UPDATE tbg_api.mining_state SET
        version = version + 1, outbox = outbox + ${events}::bigint, polled_at = clock_timestamp(),
        pending_since = ${isLast ? null : latest}, progressed_at = clock_timestamp(),
        last_event_at = greatest(last_event_at, ${latest})`
  }

  return { connections, found, network, quarantine, count, positions, advance }
})
