import { Schema } from "effect"
import { bigint, defaulted, double, sqlColumnOf, timestamptz, varchar } from "./Column.ts"
import type { Span } from "./Table.ts"

interface Definition<Columns extends Schema.Struct.Fields> {
  /** As Postgres prints the interval. */
  readonly bucket: "01:00:00" | "1 day"
  readonly columns: Columns
  /** Refreshes the buckets from `start` ago to `end` ago, once per `every`. */
  readonly refresh: { readonly start: Span; readonly end: Span; readonly every: Span }
  /** Whether the refresh policy may be missing. */
  readonly isRefreshOptional: boolean
}

/** Continuous aggregate of `shares`: its definition as `normalView` formats it, and the schema of a row. */
const aggregate = <Columns extends Schema.Struct.Fields>({
  bucket,
  columns,
  refresh,
  isRefreshOptional
}: Definition<Columns>) => {
  const time = `time_bucket('${bucket}'::interval, "time")`
  const expressions = Object.entries(columns).map(([name, schema]) => `${sqlColumnOf(schema)?.default} AS ${name}`)
  return {
    definition:
      `SELECT ${time} AS bucket, btc_address, ${expressions.join(", ")} FROM shares ` +
      `GROUP BY (${time}), btc_address`,
    refresh,
    isRefreshOptional,
    // Postgres declares no column of a view NOT NULL, but these are never NULL because each bucket has a share.
    row: Schema.Struct({ bucket: timestamptz, btc_address: varchar(62), ...columns })
  }
}

const counts = {
  total_shares: defaulted(bigint, "count(*)"),
  accepted_shares: defaulted(bigint, "count(*) FILTER (WHERE is_valid)")
}
const best_diff = defaulted(double, "max(share_diff)")

export const aggregates = {
  hourly_shares: aggregate({
    bucket: "01:00:00",
    columns: {
      ...counts,
      rejected_shares: defaulted(bigint, "count(*) FILTER (WHERE (NOT is_valid))"),
      best_diff,
      avg_diff: defaulted(double, "avg(share_diff)")
    },
    refresh: { start: "3 hours", end: "1 hour", every: "1 hour" },
    isRefreshOptional: false
  }),
  // TimescaleDB rejects a refresh window under two buckets (22023). The owner's script sets a start of 2 days and fails,
  // so databases that it creates lack the policy. A repair adds it with 3 days (contract section 7).
  daily_shares: aggregate({
    bucket: "1 day",
    columns: { ...counts, best_diff },
    refresh: { start: "3 days", end: "1 day", every: "1 day" },
    isRefreshOptional: true
  })
}
