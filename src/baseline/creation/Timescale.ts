import type { TableName } from "../Schema.ts"

const hypertable = (table: TableName, timeColumn: string): string =>
  `SELECT create_hypertable('${table}', '${timeColumn}', chunk_time_interval => INTERVAL '1 day')`

/** Makes a table a hypertable; to be run while it is empty, before its indexes are made. */
export const hypertableStatements: { readonly [Name in TableName]?: string } = {
  shares: hypertable("shares", "time"),
  mining_events: hypertable("mining_events", "ts"),
  rate_limit_events: hypertable("rate_limit_events", "ts")
}

/** How long a hypertable keeps its rows, and when it compresses them. */
export const policyStatements: { readonly [Name in TableName]?: ReadonlyArray<string> } = {
  shares: [
    `ALTER TABLE shares SET (
      timescaledb.compress,
      timescaledb.compress_segmentby = 'btc_address',
      timescaledb.compress_orderby = 'time DESC'
    )`,
    "SELECT add_compression_policy('shares', INTERVAL '7 days')",
    "SELECT add_retention_policy('shares', INTERVAL '90 days')"
  ],
  mining_events: [
    `ALTER TABLE mining_events SET (
      timescaledb.compress,
      timescaledb.compress_segmentby = 'event_type',
      timescaledb.compress_orderby = 'ts DESC'
    )`,
    "SELECT add_compression_policy('mining_events', INTERVAL '3 days')",
    "SELECT add_retention_policy('mining_events', INTERVAL '30 days')"
  ],
  rate_limit_events: ["SELECT add_retention_policy('rate_limit_events', INTERVAL '14 days')"]
}

/**
 * The continuous aggregates over `shares`. `WITH NO DATA` is what lets them be made within a transaction. TimescaleDB
 * refuses a refresh window under two buckets (22023), so `daily_shares` starts 3 days back, where its owner's script,
 * which fails there, says 2.
 */
export const aggregateStatements: ReadonlyArray<string> = [
  `CREATE MATERIALIZED VIEW hourly_shares WITH (timescaledb.continuous) AS
    SELECT
      time_bucket('1 hour', time) AS bucket,
      btc_address,
      COUNT(*) AS total_shares,
      COUNT(*) FILTER (WHERE is_valid) AS accepted_shares,
      COUNT(*) FILTER (WHERE NOT is_valid) AS rejected_shares,
      MAX(share_diff) AS best_diff,
      AVG(share_diff) AS avg_diff
    FROM shares
    GROUP BY bucket, btc_address
    WITH NO DATA`,
  `SELECT add_continuous_aggregate_policy('hourly_shares',
    start_offset => INTERVAL '3 hours', end_offset => INTERVAL '1 hour', schedule_interval => INTERVAL '1 hour')`,

  `CREATE MATERIALIZED VIEW daily_shares WITH (timescaledb.continuous) AS
    SELECT
      time_bucket('1 day', time) AS bucket,
      btc_address,
      COUNT(*) AS total_shares,
      COUNT(*) FILTER (WHERE is_valid) AS accepted_shares,
      MAX(share_diff) AS best_diff
    FROM shares
    GROUP BY bucket, btc_address
    WITH NO DATA`,
  `SELECT add_continuous_aggregate_policy('daily_shares',
    start_offset => INTERVAL '3 days', end_offset => INTERVAL '1 day', schedule_interval => INTERVAL '1 day')`
]
