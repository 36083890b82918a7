import { Clock, Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import { inBaselineSchema } from "../../baseline/SearchPath.ts"
import { outageOf, resumptionOf } from "../../domain/mining/Gaps.ts"
import type { Resumption } from "../../domain/mining/Gaps.ts"
import { shareStream } from "../../domain/mining/StreamEntry.ts"
import type { StreamState } from "../../domain/mining/StreamEntry.ts"
import { sqlStateOf } from "../../domain/SqlState.ts"
import { Leadership } from "./Leadership.ts"
import type { LeadershipLost, Lease } from "./Leadership.ts"
import type { Positions } from "./MiningSource.ts"
import { Projection } from "./Projection.ts"
import { makeRecords } from "./projection/Records.ts"
import { microsOf, rowsOf, timeOf } from "./projection/Rows.ts"

/** Maximum number of rows in a chunk, few enough not to delay the events that arrive meanwhile. */
const chunkRows = 2000

const second = 1_000_000
/** Shares are kept for 2 hours. */
const retention = 7200 * second

const Gap = Schema.Struct({
  id: Schema.String,
  reason: Schema.String,
  from: Schema.Number,
  to: Schema.Number,
  next: Schema.Number,
  /** Whether it ended a minute ago. */
  isLongOver: Schema.Boolean
})
type Gap = typeof Gap.Type

const decodeGaps = Schema.decodeUnknownEffect(Schema.Array(Gap))
const decodePositions = Schema.decodeUnknownEffect(
  Schema.Array(Schema.Struct({ stream: Schema.String, entry: Schema.String }))
)
const decodeRows = Schema.decodeUnknownEffect(
  Schema.Array(
    Schema.Struct({
      at: Schema.Number,
      user: Schema.String,
      worker: Schema.String,
      difficulty: Schema.Number,
      reached: Schema.Number
    })
  )
)

/** Whether this role cannot read `shares` at all: SQLSTATE class 42 (no right, or no such table). */
const isUnreadable = ({ reason }: SqlError): boolean => sqlStateOf(reason.cause).startsWith("42")

/** Positions in the streams, and the refill of gaps from the table `shares`. */
export class Gaps extends Context.Service<
  Gaps,
  {
    readonly positions: Effect.Effect<Positions, SqlError>
    /** Records gaps between the streams and the positions; returns the positions after them. */
    readonly detect: (
      lease: Lease,
      states: ReadonlyArray<StreamState>,
      positions: Positions
    ) => Effect.Effect<ReadonlyArray<Resumption>, SqlError | LeadershipLost>
    /** Records an outage of Redis, because entries that it lost before they were read leave no other trace. */
    readonly recordOutage: (lease: Lease, positions: Positions) => Effect.Effect<void, SqlError | LeadershipLost>
    /** Refills one chunk of the oldest gap, the newest shares first; returns whether there was one. */
    readonly refillNext: (lease: Lease) => Effect.Effect<boolean, SqlError | LeadershipLost>
  }
>()("tbg-api/services/mining/Gaps") {
  static readonly layer = Layer.effect(
    Gaps,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const { commit } = yield* Leadership
      const projection = yield* Projection
      const { count } = yield* makeRecords

      const positions = Effect.map(
        Effect.flatMap(sql`SELECT stream, entry FROM tbg_api.mining_streams`, (rows) =>
          Effect.orDie(decodePositions(rows))
        ),
        (rows) => new Map(rows.map(({ entry, stream }) => [stream, entry]))
      ).pipe(sql.withTransaction)

      const record = Effect.fnUntraced(function* (resumptions: ReadonlyArray<Resumption>) {
        const gaps = resumptions.flatMap(({ gap, stream }) => (gap === undefined ? [] : [{ ...gap, stream }]))
        // Only shares have an archive.
        const refillable = gaps.filter(({ stream }) => stream === shareStream)
        yield* sql`
          INSERT INTO tbg_api.mining_gaps (reason, from_at, to_at, next_at, created_at)
          SELECT reason, ${timeOf(sql, '"from"')}, ${timeOf(sql, '"to"')}, ${timeOf(sql, '"to"')}, clock_timestamp()
          FROM json_to_recordset(${rowsOf(refillable)}::json) AS r (
            reason text, "from" double precision, "to" double precision
          )`
        const lost = gaps.filter(({ reason, stream }) => stream !== shareStream && reason !== "first_start")
        yield* count([
          ...refillable.map(({ reason }) => ({ name: "refills", label: reason, value: 1 })),
          ...lost.map(({ stream }) => ({ name: "lost", label: stream, value: 1 }))
        ])
        yield* sql`
          INSERT INTO tbg_api.mining_streams (stream, entry, arrived_at)
          SELECT stream, position, clock_timestamp()
          FROM json_to_recordset(${rowsOf(resumptions)}::json) AS r (stream text, position text)
          ON CONFLICT (stream) DO UPDATE SET entry = excluded.entry`
      })

      const detect = Effect.fn("Gaps.detect")(function* (
        lease: Lease,
        states: ReadonlyArray<StreamState>,
        known: Positions
      ) {
        const now = (yield* Clock.currentTimeMillis) * 1000
        const resumptions = states.flatMap((state) => resumptionOf(state, known.get(state.stream), now) ?? [])
        if (resumptions.length > 0) yield* commit(lease, () => record(resumptions))
        return resumptions
      })

      const recordOutage = Effect.fn("Gaps.recordOutage")(function* (lease: Lease, known: Positions) {
        const position = known.get(shareStream)
        if (position === undefined) return
        const now = (yield* Clock.currentTimeMillis) * 1000
        yield* commit(lease, () => record([{ stream: shareStream, position, gap: outageOf(position, now) }]))
      })

      const oldest = Effect.flatMap(
        sql`
          SELECT id::text, reason, ${microsOf(sql, "from_at")} AS "from", ${microsOf(sql, "to_at")} AS "to",
            ${microsOf(sql, "next_at")} AS next, to_at < clock_timestamp() - interval '1 minute' AS "isLongOver"
          FROM tbg_api.mining_gaps
          WHERE finished_at IS NULL AND to_at < clock_timestamp() - interval '3 seconds' ORDER BY id LIMIT 1`,
        (rows) => Effect.orDie(decodeGaps(rows))
      ).pipe(sql.withTransaction)

      const archived = (from: number, until: number, limit: number) =>
        Effect.flatMap(
          sql`
            SELECT ${microsOf(sql, "time")} AS at, btc_address AS "user", worker_name AS worker, difficulty,
              share_diff AS reached
            FROM shares
            WHERE is_valid AND time >= to_timestamp(${from}::double precision / 1e6)
              AND time < to_timestamp(${until}::double precision / 1e6)
            ORDER BY time DESC LIMIT ${limit}::int`,
          (rows) => Effect.orDie(decodeRows(rows))
        ).pipe(inBaselineSchema, sql.withTransaction, Effect.provideService(SqlClient.SqlClient, sql))

      /** The collector writes in order, so a later row means that it has written the shares of the gap. */
      const isWritten = ({ isLongOver, reason, to }: Gap) =>
        isLongOver || reason === "first_start"
          ? Effect.succeed(true)
          : Effect.map(archived(to, to + 3600 * second, 1), (rows) => rows.length > 0)

      /** Rows before `gap.next`, and where the next chunk ends. Rows with one time stay together. */
      const chunkOf = Effect.fnUntraced(function* ({ from, next }: Gap) {
        const rows = yield* archived(from, next, chunkRows)
        const last = rows.at(-1)
        if (last === undefined || rows.length < chunkRows) return { rows, next: from }
        const later = rows.filter(({ at }) => at > last.at)
        if (later.length > 0) return { rows: later, next: last.at + 1 }
        return { rows: yield* archived(last.at, last.at + 1, 1_000_000), next: last.at }
      })

      const advance = ({ from, id }: Gap, next: number, counted: number) => sql`
        UPDATE tbg_api.mining_gaps SET
          next_at = to_timestamp(${next}::double precision / 1e6), counted = counted + ${counted}::bigint,
          finished_at = CASE WHEN ${next <= from} THEN clock_timestamp() END
        WHERE id = ${id}::bigint`

      const refillNext = Effect.fn("Gaps.refillNext")(function* (lease: Lease) {
        const [gap] = yield* oldest
        if (gap === undefined) return false
        const close = Effect.andThen(
          Effect.logError("the table shares cannot be read; a gap stays unfilled; run tbg doctor"),
          commit(lease, () => advance(gap, gap.from, 0))
        )
        const fill = Effect.gen(function* () {
          if (!(yield* isWritten(gap))) return false
          const { next, rows } = yield* chunkOf(gap)
          yield* projection.refill(lease, {
            rows,
            // Late entries may follow in the stream, and must be recognized as copies.
            keepSince: gap.reason === "first_start" ? gap.to - retention : gap.from,
            isHistory: gap.reason === "first_start",
            record: (counted) => advance(gap, next, counted)
          })
          return true
        })
        return yield* Effect.catchIf(
          fill,
          (error) => error._tag === "SqlError" && isUnreadable(error),
          () => Effect.as(close, true)
        )
      })

      return { positions, detect, recordOutage, refillNext }
    })
  )
}
