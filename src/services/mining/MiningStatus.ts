import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Timestamp } from "../../domain/Timestamp.ts"
import { reads } from "../Reads.ts"
import { rowsOf, textOf } from "./Rows.ts"

/** How far the projection is. */
export interface MiningPosition {
  /** Grows with each commit that readers can see; a decimal number. */
  readonly version: string
  /** Age of the oldest unprocessed entry; null if the projection has never run. */
  readonly lag_ms: number | null
  /** Arrival of the newest processed entry. */
  readonly last_event_at: string | null
}

export interface MiningReport extends MiningPosition {
  readonly status: "ok" | "stale" | "idle" | "off"
  /** Whether any process leads. */
  readonly leader: boolean
  readonly duplicates: number
  readonly quarantined: number
  readonly refills: number
}

const Position = Schema.Struct({
  version: Schema.BigInt,
  lag_ms: Schema.NullOr(Schema.BigInt),
  last_event_at: Schema.NullOr(Timestamp)
})

const Report = Schema.Struct({
  ...Position.fields,
  leads: Schema.Boolean,
  has_run: Schema.Boolean,
  is_stale: Schema.Boolean,
  is_idle: Schema.Boolean,
  duplicates: Schema.BigInt,
  quarantined: Schema.BigInt,
  refills: Schema.BigInt
})

/** Seconds without a poll after which entries count as waiting, because nobody looks. */
const unpolledAfter = 5
/** Seconds without progress or events after which the projection is stale or idle. */
const quietAfter = 30

const millisOf = (lag: bigint | null): number | null => (lag === null ? null : Math.max(0, Number(lag)))

/** Position and health of the projection, from the database, so that every replica can answer. */
export class MiningStatus extends Context.Service<
  MiningStatus,
  { readonly position: Effect.Effect<MiningPosition>; readonly current: Effect.Effect<MiningReport> }
>()("tbg-api/services/mining/MiningStatus") {
  static readonly layer = Layer.effect(
    MiningStatus,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const { short } = yield* reads
      const columns = sql`
        s.version, ${textOf(sql, "s.last_event_at")} AS last_event_at,
        (extract(epoch FROM CASE
          WHEN s.pending_since IS NOT NULL THEN now() - s.pending_since
          WHEN s.polled_at < now() - make_interval(secs => ${unpolledAfter}) THEN now() - s.polled_at
          WHEN s.polled_at IS NOT NULL THEN interval '0'
        END) * 1000)::bigint AS lag_ms`
      const counter = (name: string) =>
        sql`(SELECT coalesce(sum(c.value), 0)::bigint FROM tbg_api.mining_counters c WHERE c.name = ${name})`

      const position = Effect.map(
        rowsOf(Position)(short(sql`SELECT ${columns} FROM tbg_api.mining_state s`)),
        ([row]): MiningPosition => ({
          version: String(row?.version ?? 0n),
          lag_ms: millisOf(row?.lag_ms ?? null),
          last_event_at: row?.last_event_at ?? null
        })
      )
      const quiet = sql`make_interval(secs => ${quietAfter})`
      const current = Effect.map(
        rowsOf(Report)(
          short(sql`
            SELECT ${columns}, s.expires_at > now() AS leads, s.polled_at IS NOT NULL AS has_run,
              coalesce(s.polled_at < now() - ${quiet} OR (s.pending_since IS NOT NULL
                AND greatest(s.progressed_at, s.pending_since) < now() - ${quiet}), false) AS is_stale,
              coalesce(s.last_event_at < now() - ${quiet}, true) AS is_idle,
              ${counter("duplicates")} AS duplicates, ${counter("quarantined")} AS quarantined,
              ${counter("refills")} AS refills
            FROM tbg_api.mining_state s`)
        ),
        ([row]): MiningReport => {
          if (row === undefined || !row.has_run) {
            const none = { version: "0", lag_ms: null, last_event_at: null, leader: false }
            return { ...none, status: "off", duplicates: 0, quarantined: 0, refills: 0 }
          }
          const whileRunning = row.is_idle ? "idle" : "ok"
          return {
            version: String(row.version),
            lag_ms: millisOf(row.lag_ms),
            last_event_at: row.last_event_at,
            status: row.is_stale ? "stale" : whileRunning,
            leader: row.leads,
            duplicates: Number(row.duplicates),
            quarantined: Number(row.quarantined),
            refills: Number(row.refills)
          }
        }
      )
      return { position, current }
    })
  )
}
