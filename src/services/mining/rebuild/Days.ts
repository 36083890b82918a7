import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { Fragment } from "effect/sql/Statement"
import { microsOf } from "../projection/Rows.ts"
import type { Archive, Span } from "./Archive.ts"

const hours = 3600
const days = 24 * hours
const micros = 1_000_000

/** How long each level is kept, in seconds. */
const kept = { shares: 2 * hours, fiveMinutes: 8 * days, hours: 35 * days, ratios: 16 * days } as const

/** The collector writes a share to `shares` within this time of its event, in microseconds. */
export const flushed = 60 * micros
/** Copies arrive at most this long after each other, in microseconds. */
const maxArrivalGap = 900 * micros

const Sums = Schema.Struct({ shares: Schema.Number, work: Schema.Number })
const decodeSums = Schema.decodeUnknownEffect(Schema.Tuple([Sums]))
const decodeCount = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ rows: Schema.Number })]))
const decodePosition = Schema.decodeUnknownEffect(
  Schema.Tuple([Schema.Struct({ arrivedAt: Schema.Number, slotHour: Schema.Number })])
)

/** Computes the rows of a span from `shares`, in the transaction in progress. */
export const makeDays = Effect.fnUntraced(function* ({ minersIn, sharesIn }: Archive) {
  const sql = yield* SqlClient.SqlClient
  const atMicros = (at: number) => sql`to_timestamp(${at}::double precision / 1e6)`
  const since = (span: Span, seconds: number) => atMicros(span.now - seconds * micros)
  const bucketOf = (time: string, step: string) =>
    sql.literal(`date_bin(make_interval(secs => ${step}), ${time}, '1970-01-01 00:00:00+00')`)
  /** Best share and its time, as an array that compares like `isBetter`. */
  const bestOf = sql.literal("max(ARRAY[reached, -(extract(epoch FROM at) * 1000000)::double precision])")
  const bestColumns = (best: string) => sql.literal(`${best}[1], to_timestamp(-${best}[2] / 1e6)`)

  const sumsOf = ({ from, until }: Span) =>
    Effect.flatMap(
      sql`
        SELECT coalesce(sum(shares), 0)::double precision AS shares,
          coalesce(sum(shares * difficulty), 0)::double precision AS work
        FROM tbg_api.mining_work_1d WHERE bucket >= ${from}::timestamptz AND bucket < ${until}::timestamptz`,
      (rows) => Effect.orDie(decodeSums(rows))
    ).pipe(Effect.map(([sums]) => sums))

  /** Keeps the shares that the collector has not written yet. */
  const clearShares = (span: Span, archived: Fragment) => sql`
    WITH archived AS MATERIALIZED (${archived})
    DELETE FROM tbg_api.mining_shares k
    WHERE k.at >= ${span.from}::timestamptz AND k.at < ${span.until}::timestamptz AND NOT (
      k.is_counted AND NOT k.is_refilled AND k.arrived_at > ${atMicros(span.now - flushed)}
      AND NOT EXISTS (
        SELECT FROM archived a
        WHERE a.worker_id = k.worker_id AND a.difficulty = k.difficulty AND a.reached = k.reached
          AND a.at > k.at - interval '2 seconds' AND a.at < k.at + interval '2 seconds'
      )
    )`

  const clearRollUps = Effect.fnUntraced(function* ({ from, until }: Span) {
    const within = (column: string, type: string) => {
      const name = sql.literal(column)
      const cast = sql.literal(type)
      return sql`${name} >= ${from}::timestamptz::${cast} AND ${name} < ${until}::timestamptz::${cast}`
    }
    for (const table of ["mining_work_5m", "mining_work_1h", "mining_work_1d", "mining_pool"]) {
      yield* sql`DELETE FROM tbg_api.${sql.literal(table)} WHERE ${within("bucket", "timestamptz")}`
    }
    for (const table of ["mining_ratios", "mining_pool_bests"]) {
      yield* sql`DELETE FROM tbg_api.${sql.literal(table)} WHERE ${within("day", "date")}`
    }
  })

  // Text has all digits, as in JSON, so that the sums equal those of the projection.
  const poolRows = (rows: Fragment, steps: Fragment) => sql`
    INSERT INTO tbg_api.mining_pool (step, bucket, shares, work, work_squared, max_difficulty)
    SELECT step, ${bucketOf("bucket", "step")}, sum(shares), sum(shares * difficulty::text::numeric),
      sum(shares * difficulty::text::numeric * difficulty::text::numeric), max(difficulty)
    FROM ${rows} CROSS JOIN ${steps} WHERE bucket >= oldest GROUP BY 1, 2`

  const coarseSteps = (span: Span) => sql`(
    VALUES (300, ${since(span, kept.fiveMinutes)}), (3600, ${since(span, kept.hours)}), (86400, '-infinity')
  ) AS steps (step, oldest)`
  const fineSteps = (span: Span) => sql`(
    VALUES (1, ${since(span, kept.shares)}), (60, ${since(span, kept.fiveMinutes)})
  ) AS steps (step, oldest)`

  /** Adds the 5-minute work and all that is computed from it, with one scan of the shares. */
  const addWork = (span: Span, shares: Fragment) => sql`
    WITH share AS (${shares}),
    work AS MATERIALIZED (
      SELECT worker_id, ${bucketOf("at", "300")} AS bucket, difficulty, count(*)::int AS shares,
        (count(*) FILTER (WHERE reached < difficulty))::int AS below, ${bestOf} AS best,
        min(at) AS first_at, max(at) AS last_at
      FROM share GROUP BY 1, 2, 3
    ),
    by_hour AS MATERIALIZED (
      SELECT worker_id, ${bucketOf("bucket", "3600")} AS bucket, difficulty, sum(shares)::int AS shares,
        sum(below)::int AS below, max(best) AS best
      FROM work GROUP BY 1, 2, 3
    ),
    by_day AS MATERIALIZED (
      SELECT worker_id, ${bucketOf("bucket", "86400")} AS bucket, difficulty, sum(shares)::int AS shares,
        sum(below)::int AS below, max(best) AS best
      FROM by_hour GROUP BY 1, 2, 3
    ),
    work_5m AS (
      INSERT INTO tbg_api.mining_work_5m (worker_id, bucket, difficulty, shares, below, best, best_at)
      SELECT worker_id, bucket, difficulty, shares, below, ${bestColumns("best")} FROM work
      WHERE bucket >= ${since(span, kept.fiveMinutes)}
    ),
    work_1h AS (
      INSERT INTO tbg_api.mining_work_1h (worker_id, bucket, difficulty, shares, below, best, best_at)
      SELECT worker_id, bucket, difficulty, shares, below, ${bestColumns("best")} FROM by_hour
      WHERE bucket >= ${since(span, kept.hours)}
    ),
    work_1d AS (
      INSERT INTO tbg_api.mining_work_1d (worker_id, bucket, difficulty, shares, below, best, best_at)
      SELECT worker_id, bucket, difficulty, shares, below, ${bestColumns("best")} FROM by_day
    ),
    pool AS (${poolRows(sql`(SELECT bucket, difficulty, shares FROM work) AS w`, coarseSteps(span))}),
    pool_bests AS (
      INSERT INTO tbg_api.mining_pool_bests (day, best, best_at, worker_id)
      SELECT day, ${bestColumns("best")}, -best[3] FROM (
        SELECT (bucket AT TIME ZONE 'UTC')::date AS day, max(best || -worker_id::double precision) AS best
        FROM by_day GROUP BY 1
      ) b
    )
    INSERT INTO tbg_api.mining_rebuild_workers AS t (worker_id, first_at, last_at, difficulty)
    SELECT worker_id, min(first_at), max(last_at),
      (max(ARRAY[${microsOf(sql, "last_at")}, difficulty]))[2]
    FROM work GROUP BY 1
    ON CONFLICT (worker_id) DO UPDATE SET
      first_at = least(t.first_at, excluded.first_at),
      difficulty = CASE WHEN excluded.last_at < t.last_at THEN t.difficulty ELSE excluded.difficulty END,
      last_at = greatest(t.last_at, excluded.last_at)`

  const addRatios = (span: Span, shares: Fragment) => sql`
    INSERT INTO tbg_api.mining_ratios (address_id, day, bin, shares)
    SELECT address_id, (at AT TIME ZONE 'UTC')::date, least(63, floor(64 * difficulty / reached))::smallint, count(*)
    FROM (${shares}) AS share WHERE reached >= difficulty AND at >= ${since(span, kept.ratios)} GROUP BY 1, 2, 3`

  const addFinePool = (span: Span, shares: Fragment) =>
    poolRows(
      sql`(
        SELECT ${bucketOf("at", "1")} AS bucket, difficulty, count(*) AS shares FROM (${shares}) AS share
        WHERE at >= ${since(span, kept.fiveMinutes)} GROUP BY 1, 2
      ) AS w`,
      fineSteps(span)
    )

  /** Stores the shares whose copies may still arrive in the streams, so that the copies are recognized. */
  const addShares = Effect.fnUntraced(function* (span: Span, archived: Fragment) {
    const rows = yield* sql`
      SELECT ${microsOf(sql, "min(arrived_at)")} AS "arrivedAt", (
        SELECT slot_hour::double precision FROM tbg_api.mining_state
      ) AS "slotHour"
      FROM tbg_api.mining_streams WHERE stream = 'mining:share_submitted'`
    const [{ arrivedAt, slotHour }] = yield* Effect.orDie(decodePosition(rows))
    const oldest = Math.min(span.now - kept.shares * micros, arrivedAt - maxArrivalGap)
    yield* sql`
      INSERT INTO tbg_api.mining_shares (
        worker_id, slot, is_counted, is_refilled, at, arrived_at, difficulty, reached
      )
      SELECT worker_id, ${slotHour % 4}::smallint, true, true, at, at, difficulty, reached
      FROM (${archived}) AS a WHERE at >= ${atMicros(oldest)}`
  })

  const unwritten = ({ from, until }: Span) => sql`
    SELECT k.worker_id, w.address_id, k.at, k.difficulty, k.reached
    FROM tbg_api.mining_shares k JOIN tbg_api.mining_workers w ON w.id = k.worker_id
    WHERE k.at >= ${from}::timestamptz AND k.at < ${until}::timestamptz`

  return Effect.fnUntraced(function* (span: Span) {
    const before = yield* sumsOf(span)
    const { known, rows } = yield* minersIn(span)
    const archived = sharesIn(span, known)
    yield* clearShares(span, archived)
    yield* clearRollUps(span)
    const shares = sql`${archived} UNION ALL ${unwritten(span)}`
    yield* addWork(span, shares)
    yield* addRatios(span, shares)
    yield* addFinePool(span, shares)
    const [{ rows: unarchived }] = yield* Effect.flatMap(
      sql`SELECT count(*)::double precision AS rows FROM (${unwritten(span)}) AS u`,
      (counts) => Effect.orDie(decodeCount(counts))
    )
    yield* addShares(span, archived)
    const after = yield* sumsOf(span)
    return { before, after, skipped: rows + unarchived - after.shares }
  })
})
