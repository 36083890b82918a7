import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Double, doubleOf } from "../Rows.ts"

/** Day that a rebuild changed. */
const ChangedDay = Schema.Struct({ day: Schema.String, before: Schema.Number, after: Schema.Number })

const Report = Schema.Struct({
  firstDay: Schema.String,
  days: Schema.Int,
  shares: Schema.Struct({ before: Schema.Number, after: Schema.Number }),
  /** Sum of assigned difficulties. */
  work: Schema.Struct({ before: Double, after: Double }),
  /** Rows of `shares` that are refused by the rules for events. */
  skipped: Schema.Number,
  changedDays: Schema.Array(ChangedDay)
})

/** Difference between the tables before and after a rebuild, for the rebuilt days. */
export interface Report extends Schema.Schema.Type<typeof Report> {}

const decodeReport = Schema.decodeUnknownEffect(Schema.Tuple([Report]))

/** Reports what a rebuild changed. */
export const makeReport = Effect.map(SqlClient.SqlClient, (sql) =>
  Effect.fn("Rebuild.report")(function* (id: string) {
    const rows = yield* sql`
    SELECT first_day::text AS "firstDay", d.*
    FROM tbg_api.mining_rebuilds r CROSS JOIN LATERAL (
      SELECT count(*)::int AS days,
        json_build_object('before', sum(shares_before), 'after', sum(shares_after)) AS shares,
        json_build_object(
          'before', ${sql.literal(doubleOf("sum(work_before)"))}, 'after', ${sql.literal(doubleOf("sum(work_after)"))}
        ) AS work,
        sum(skipped)::double precision AS skipped,
        coalesce(json_agg(
          json_build_object('day', day, 'before', shares_before, 'after', shares_after) ORDER BY day
        ) FILTER (WHERE (shares_before, work_before) <> (shares_after, work_after)), '[]') AS "changedDays"
      FROM tbg_api.mining_rebuild_days WHERE rebuild_id = r.id
    ) d WHERE r.id = ${id}::bigint`
    const [found] = yield* Effect.orDie(decodeReport(rows))
    return found
  })
)
