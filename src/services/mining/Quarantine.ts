import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"

const QuarantinedEvent = Schema.Struct({
  /** RFC 3339 in UTC: when it was refused. */
  at: Schema.String,
  stream: Schema.String,
  /** Id in the stream. */
  entry: Schema.String,
  reason: Schema.String,
  /** First 1,024 characters of its fields, as JSON. */
  content: Schema.String
})

/** Event that the projection refused. */
export interface QuarantinedEvent extends Schema.Schema.Type<typeof QuarantinedEvent> {}

const Total = Schema.Struct({ reason: Schema.String, events: Schema.Number })
export type Total = typeof Total.Type

const decodeEvents = Schema.decodeUnknownEffect(Schema.Array(QuarantinedEvent))
const decodeTotals = Schema.decodeUnknownEffect(Schema.Array(Total))

/** Refused events and the reasons. */
export class Quarantine extends Context.Service<
  Quarantine,
  {
    /** Newest first. */
    readonly list: (limit: number) => Effect.Effect<ReadonlyArray<QuarantinedEvent>, SqlError>
    /** Events by reason since the beginning, including those that are no longer kept. */
    readonly totals: Effect.Effect<ReadonlyArray<Total>, SqlError>
  }
>()("tbg-api/services/mining/Quarantine") {
  static readonly layer = Layer.effect(
    Quarantine,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      return {
        list: Effect.fn("Quarantine.list")(function* (limit: number) {
          const rows = yield* sql`
            SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at, stream, entry, reason, content
            FROM tbg_api.mining_quarantine ORDER BY id DESC LIMIT ${limit}::int`
          return yield* Effect.orDie(decodeEvents(rows))
        }),
        totals: sql`
          SELECT label AS reason, value::double precision AS events FROM tbg_api.mining_counters
          WHERE name = 'quarantined' ORDER BY value DESC, label`.pipe(
          Effect.flatMap((rows) => Effect.orDie(decodeTotals(rows))),
          Effect.withSpan("Quarantine.totals")
        )
      }
    })
  )
}
