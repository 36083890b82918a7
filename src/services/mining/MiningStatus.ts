import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import { timestampOf } from "../../domain/Timestamp.ts"
import { reads } from "../Reads.ts"

/** State of the projection that mining data depends on. */
const Position = Schema.Struct({
  /** Number of the last commit that changed anything; a decimal integer. */
  version: Schema.String,
  /** Number of the newest event in the outbox; a decimal integer. */
  outbox: Schema.String,
  /** Age of the oldest unprocessed entry in milliseconds, 0 without one; `null` if the projection never ran. */
  lag_ms: Schema.NullOr(Schema.Int),
  /** Arrival of the newest processed entry, RFC 3339 in UTC; `null` before the first event. */
  last_event_at: Schema.NullOr(Schema.String)
})
export type Position = typeof Position.Type

/** Age of data that is read at `now`, in milliseconds since 1970. */
export const freshnessOf = ({ lag_ms }: Pick<Position, "lag_ms">, now: number) => ({
  as_of: lag_ms === null ? null : timestampOf((now - lag_ms) * 1000),
  lag_ms
})

const Status = Schema.Struct({
  ...Position.fields,
  status: Schema.Literals(["ok", "stale", "idle", "off"]),
  /** Whether any process leads. */
  is_led: Schema.Boolean,
  duplicates: Schema.Int,
  quarantined: Schema.Int,
  refills: Schema.Int
})
export type Status = typeof Status.Type

/** Status with the role of this process. */
export interface CurrentStatus extends Status {
  readonly leader: boolean
}

const decodePosition = Schema.decodeUnknownEffect(Schema.Tuple([Position]))
const decodeStatus = Schema.decodeUnknownEffect(Schema.Tuple([Status]))

/** Position and health of the projection, from the database, so that every replica answers the same. */
export class MiningStatus extends Context.Service<
  MiningStatus,
  {
    readonly position: Effect.Effect<Position, SqlError>
    readonly current: Effect.Effect<CurrentStatus, SqlError>
  }
>()("tbg-api/services/mining/MiningStatus") {
  /** `isLeader` is whether this process leads. */
  static readonly layer = (isLeader: Effect.Effect<boolean>) =>
    Layer.effect(
      MiningStatus,
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const { short } = yield* reads
        // An idle leader reports every second. After 3 seconds without a report, entries may be waiting.
        const lag = sql.literal(`
          CASE
            WHEN pending_since IS NOT NULL THEN greatest(clock_timestamp() - pending_since, interval '0')
            WHEN polled_at < clock_timestamp() - interval '3 seconds' THEN clock_timestamp() - polled_at
            WHEN polled_at IS NOT NULL THEN interval '0'
          END`)
        const columns = sql`
          version::text AS version, outbox::text AS outbox, polled_at, progressed_at, expires_at,
          last_event_at AS event_at, to_char(last_event_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS last_event_at,
          round(extract(epoch FROM ${lag}) * 1000)::float8 AS lag_ms`
        const sumOf = (name: string) => sql`
          (SELECT coalesce(sum(value), 0)::float8 FROM tbg_api.mining_counters WHERE name = ${name})`

        const position = short(sql`SELECT ${columns} FROM tbg_api.mining_state`).pipe(
          Effect.flatMap((rows) => Effect.orDie(decodePosition(rows))),
          Effect.map(([row]) => row),
          Effect.withSpan("MiningStatus.position")
        )

        const status = short(sql`
          SELECT version, outbox, lag_ms,
            CASE
              WHEN expires_at < clock_timestamp() - interval '30 seconds' THEN 'off'
              WHEN lag_ms > 0 AND greatest(progressed_at, polled_at) < clock_timestamp() - interval '30 seconds'
                THEN 'stale'
              WHEN event_at > clock_timestamp() - interval '5 minutes' THEN 'ok'
              ELSE 'idle'
            END AS status,
            expires_at >= clock_timestamp() AS is_led,
            last_event_at,
            ${sumOf("duplicates")} AS duplicates, ${sumOf("quarantined")} AS quarantined, ${sumOf("refills")} AS refills
          FROM (SELECT ${columns} FROM tbg_api.mining_state) state`).pipe(
          Effect.flatMap((rows) => Effect.orDie(decodeStatus(rows))),
          Effect.map(([row]) => row)
        )

        const current = Effect.zipWith(status, isLeader, (row, leader) => ({ ...row, leader })).pipe(
          Effect.withSpan("MiningStatus.current")
        )
        return { position, current }
      })
    )
}
