import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { aggregates } from "../../../src/domain/mining/Aggregates.ts"
import { runAll } from "../../support/Catalog.ts"
import { withRollback } from "../../support/TestDatabase.ts"
import { tables } from "./StoredRow.ts"

/**
 * TimescaleDB's function as far as it goes without months, and the aggregates as views that plain Postgres can have.
 */
const views = [
  `CREATE FUNCTION time_bucket(interval, timestamptz) RETURNS timestamptz IMMUTABLE LANGUAGE sql
    AS $$ SELECT date_bin($1, $2, '2000-01-03 00:00:00+00') $$`,
  ...Object.entries(aggregates).map(([view, { definition }]) => `CREATE VIEW ${view} AS ${definition}`)
]

const shares = `INSERT INTO shares (time, btc_address, difficulty, share_diff, is_valid) VALUES
  ('2026-01-05 00:59:59.999999+00', 'bc1qone', 1, 2.5, true),
  ('2026-01-05 00:00:00+00', 'bc1qone', 1, 1.5, false),
  ('2026-01-05 23:00:00+00', 'bc1qone', 1, 8, true),
  ('1969-12-31 23:30:00+00', '', 1, 'NaN', false)`

/** The rows of a view over the shares above, oldest first. */
const rowsOf = <Row>(view: string, model: Schema.Codec<Row, unknown>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* runAll([shares, ...views])
    const rows = yield* sql`SELECT * FROM ${sql(view)} ORDER BY bucket`
    return yield* Schema.decodeUnknownEffect(Schema.Array(model))(rows)
  }).pipe(withRollback)

const at = (moment: string) => DateTime.makeUnsafe(moment)

layer(tables)("the aggregates of shares", (it) => {
  it.effect("can be read by the hour", () =>
    Effect.gen(function* () {
      const rows = yield* rowsOf("hourly_shares", aggregates.hourly_shares.row)
      const common = { btc_address: "bc1qone", total_shares: 1n, accepted_shares: 1n, rejected_shares: 0n }
      assert.deepStrictEqual(rows, [
        {
          bucket: at("1969-12-31T23:00:00Z"),
          btc_address: "",
          total_shares: 1n,
          accepted_shares: 0n,
          rejected_shares: 1n,
          best_diff: Number.NaN,
          avg_diff: Number.NaN
        },
        {
          ...common,
          bucket: at("2026-01-05T00:00:00Z"),
          total_shares: 2n,
          rejected_shares: 1n,
          best_diff: 2.5,
          avg_diff: 2
        },
        { ...common, bucket: at("2026-01-05T23:00:00Z"), best_diff: 8, avg_diff: 8 }
      ])
    })
  )

  it.effect("can be read by the day", () =>
    Effect.gen(function* () {
      const rows = yield* rowsOf("daily_shares", aggregates.daily_shares.row)
      assert.deepStrictEqual(rows, [
        {
          bucket: at("1969-12-31T00:00:00Z"),
          btc_address: "",
          total_shares: 1n,
          accepted_shares: 0n,
          best_diff: Number.NaN
        },
        {
          bucket: at("2026-01-05T00:00:00Z"),
          btc_address: "bc1qone",
          total_shares: 3n,
          accepted_shares: 2n,
          best_diff: 8
        }
      ])
    })
  )
})
