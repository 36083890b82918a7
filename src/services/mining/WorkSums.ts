import { Schema } from "effect"
import type { SqlClient, Statement } from "effect/sql"
import { rateOf, windowSeconds } from "../../domain/mining/Rate.ts"
import type { Hashrates, Window } from "../../domain/mining/Rate.ts"
import { Double, doubleOf } from "./Rows.ts"
import { spansOf, timeOf } from "./Spans.ts"

const Windows = Schema.Literals(["1m", "5m", "1h", "24h", "7d"])

/** Work of one window as JSON. */
export const WorkRows = Schema.Array(
  Schema.Struct({
    window: Windows,
    shares: Schema.Int,
    sum: Double,
    squares: Double,
    largest: Double
  })
)
type WorkRows = typeof WorkRows.Type

const tableOf: Readonly<Record<number, string>> = { 300: "5m", 3600: "1h", 86_400: "1d" }

const minute = 60_000
const finest = 5 * minute

/**
 * SQL for the work of workers, a query for each span: rows of `worker`, `window`, `difficulty` and `shares`. Windows of up
 * to an hour are exact. Those of 24 hours and 7 days begin at a multiple of 5 minutes.
 *
 * A join with a list of spans would read all buckets of the workers. An hour can have thousands of shares, so only those
 * before its first and after its last whole bucket are read one by one.
 */
const spanQueries = (sql: SqlClient.SqlClient, workers: Statement.Fragment, now: number) => {
  const time = (millis: number) => sql`${timeOf(millis)}::timestamptz`
  const hourAgo = now - 60 * minute
  const firstBucket = Math.floor(hourAgo / finest) * finest + finest
  const currentBucket = Math.floor(now / finest) * finest
  /** Just before the current bucket, because the spans of single shares exclude their start. */
  const beforeCurrent = sql`${time(currentBucket)} - interval '1 microsecond'`
  const shares = sql`tbg_api.mining_shares r`
  const counted = sql`r.worker_id = ANY (${workers}) AND r.is_counted`
  const buckets = [
    { window: "1h", level: 300, since: timeOf(firstBucket), until: timeOf(currentBucket) },
    ...spansOf(now, "24h", [300, 3600]),
    ...spansOf(now, "7d", [300, 3600, 86_400])
  ]
  return [
    sql`
      SELECT r.worker_id AS worker, s.name AS "window", r.difficulty, 1 AS shares FROM ${shares}
      JOIN (VALUES ('1m'::text, ${time(now - minute)}), ('5m', ${time(now - finest)}),
        ('1h', ${beforeCurrent})) AS s (name, since) ON r.at > s.since
      WHERE ${counted} AND r.at > ${time(now - finest)} AND r.at <= ${time(now)}`,
    sql`
      SELECT r.worker_id AS worker, '1h' AS "window", r.difficulty, 1 AS shares FROM ${shares}
      WHERE ${counted} AND r.at > ${time(hourAgo)} AND r.at < ${time(firstBucket)}`,
    ...buckets.map(
      ({ level, since, until, window }) => sql`
        SELECT worker_id AS worker, ${window}::text AS "window", difficulty, shares
        FROM tbg_api.${sql.literal(`mining_work_${tableOf[level]}`)}
        WHERE worker_id = ANY (${workers}) AND bucket >= ${since}::timestamptz AND bucket < ${until}::timestamptz`
    )
  ]
}

/**
 * SQL for the work of each worker: rows of `worker`, `window`, `difficulty` and `shares`.
 *
 * @param workers SQL for an array of worker ids
 */
export const workOfWorkers = (sql: SqlClient.SqlClient, workers: Statement.Fragment, now: number) =>
  sql.join(" UNION ALL ", false)(spanQueries(sql, workers, now))

/**
 * SQL for the total work of workers: rows of `window`, `shares`, `work`, `work_squared` and `max_difficulty`, one for each
 * window of each span. `workRows` adds them up with `spanSums`.
 *
 * @param workers SQL for an array of worker ids
 */
export const workInTotal = (sql: SqlClient.SqlClient, workers: Statement.Fragment, now: number) =>
  sql.join(
    " UNION ALL ",
    false
  )(
    spanQueries(sql, workers, now).map(
      (span) => sql`
        SELECT "window", sum(shares) AS shares, sum(shares * difficulty) AS work,
          sum(shares * difficulty * difficulty) AS work_squared, max(difficulty) AS max_difficulty
        FROM (${span}) span GROUP BY 1`
    )
  )

/** `sums` of `workRows` for the rows of `workInTotal`, which are sums already. */
export const spanSums = ["sum(work)", "sum(work_squared)", "max(max_difficulty)"] as const

/**
 * SQL for `WorkRows` of rows of `window`, `shares` and the columns that `sums` reads.
 *
 * @param sums SQL for the sum of difficulties, the sum of their squares, and the largest
 */
export const workRows = (
  sql: SqlClient.SqlClient,
  rows: Statement.Fragment,
  [sum, squares, largest]: readonly [string, string, string] = [
    "sum(shares * difficulty)",
    "sum(shares * difficulty * difficulty)",
    "max(difficulty)"
  ]
) => sql`
  (SELECT coalesce(json_agg(x), '[]') FROM (
    SELECT "window", sum(shares) AS shares, ${sql.literal(doubleOf(sum))} AS sum,
      ${sql.literal(doubleOf(squares))} AS squares, ${sql.literal(doubleOf(largest))} AS largest
    FROM ${rows} GROUP BY 1
  ) x)`

/**
 * Hashrates of windows.
 *
 * @param assigned largest difficulty that is assigned now, which counts even if it has no share yet
 */
export const hashratesOf = (rows: WorkRows, assigned: number | null): Hashrates => {
  const rateIn = (window: Window) => {
    const work = rows.find((row) => row.window === window)
    const largest = work === undefined ? assigned : Math.max(work.largest, assigned ?? 0)
    return rateOf({ shares: 0, sum: 0, squares: 0, ...work, largest }, windowSeconds[window])
  }
  return { "1m": rateIn("1m"), "5m": rateIn("5m"), "1h": rateIn("1h"), "24h": rateIn("24h"), "7d": rateIn("7d") }
}
