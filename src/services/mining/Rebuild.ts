import { Clock, Context, DateTime, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import type { BitcoinNetwork } from "../../domain/Bitcoin.ts"
import { makeArchive } from "./rebuild/Archive.ts"
import { makeDays } from "./rebuild/Days.ts"
import { makeExclusively, makeNarrowGaps } from "./rebuild/Exclusive.ts"
import { makeReport } from "./rebuild/Report.ts"
import type { Report } from "./rebuild/Report.ts"
import { makeTotals } from "./rebuild/Totals.ts"

/** Nothing can be rebuilt: `shares` is empty, or the projection has not read any event yet. */
export class NothingToRebuild extends Schema.TaggedError<NothingToRebuild>()("NothingToRebuild", {
  reason: Schema.Literals(["no_shares", "never_started"])
}) {}

const Progress = Schema.Struct({
  id: Schema.String,
  /** First day to rebuild, as an ISO date. Daily rows before it are kept. */
  firstDay: Schema.String,
  daysDone: Schema.Int
})

/** Rebuild that is not finished. */
export interface Progress extends Schema.Schema.Type<typeof Progress> {
  /** Days to rebuild in total, including those that are done. */
  readonly days: number
}

const decodeProgress = Schema.decodeUnknownEffect(Schema.Array(Progress))
const decodeStart = Schema.decodeUnknownEffect(
  Schema.Tuple([
    Schema.Struct({ firstDay: Schema.NullOr(Schema.String), hasStarted: Schema.Boolean, isPartial: Schema.Boolean })
  ])
)

const dayOf = (millis: number): string => DateTime.formatIsoDateUtc(DateTime.makeUnsafe(millis))
const dayAfter = (day: string, days: number): string =>
  DateTime.formatIsoDateUtc(DateTime.add(DateTime.makeUnsafe(day), { days }))

/** Computes the projection's tables from `shares` and the daily rows before it, one day per transaction. */
export class Rebuild extends Context.Service<
  Rebuild,
  {
    /** Continues the rebuild that is not finished, or starts one. */
    readonly begin: Effect.Effect<Progress, SqlError | NothingToRebuild>
    /** Rebuilds the next day. The last one also updates all totals. Returns whether the rebuild is finished. */
    readonly next: (id: string) => Effect.Effect<boolean, SqlError>
    readonly report: (id: string) => Effect.Effect<Report, SqlError>
  }
>()("tbg-api/services/mining/Rebuild") {
  static readonly layer = ({ network }: { readonly network: BitcoinNetwork }) =>
    Layer.effect(
      Rebuild,
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const rebuildDay = yield* makeDays(yield* makeArchive(network))
        const exclusively = yield* makeExclusively
        const updateTotals = yield* makeTotals
        const narrowGaps = yield* makeNarrowGaps
        const report = yield* makeReport

        const unfinished = Effect.flatMap(
          sql`
            SELECT id::text, first_day::text AS "firstDay", (
              SELECT count(*)::int FROM tbg_api.mining_rebuild_days d WHERE d.rebuild_id = r.id
            ) AS "daysDone"
            FROM tbg_api.mining_rebuilds r WHERE finished_at IS NULL ORDER BY id LIMIT 1`,
          (rows) => Effect.orDie(decodeProgress(rows))
        )

        /** The first day of `shares` is incomplete if daily rows precede it and its own daily rows have more shares. */
        const start = Effect.gen(function* () {
          const rows = yield* sql`
            WITH first AS (SELECT date_trunc('day', min(time) AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AS day FROM shares)
            SELECT (day AT TIME ZONE 'UTC')::date::text AS "firstDay",
              EXISTS (SELECT FROM tbg_api.mining_streams WHERE stream = 'mining:share_submitted') AS "hasStarted",
              EXISTS (SELECT FROM tbg_api.mining_work_1d WHERE bucket < day) AND (
                SELECT coalesce(sum(shares), 0) FROM tbg_api.mining_work_1d WHERE bucket = day
              ) > (
                SELECT count(*) FROM shares WHERE is_valid AND time < day + interval '1 day'
              ) AS "isPartial"
            FROM first`
          const [{ firstDay, hasStarted, isPartial }] = yield* Effect.orDie(decodeStart(rows))
          if (firstDay === null) return yield* new NothingToRebuild({ reason: "no_shares" })
          if (!hasStarted) return yield* new NothingToRebuild({ reason: "never_started" })
          yield* sql`DELETE FROM tbg_api.mining_rebuild_workers`
          yield* sql`
            INSERT INTO tbg_api.mining_rebuilds (first_day, started_at)
            VALUES (${isPartial ? dayAfter(firstDay, 1) : firstDay}::date, clock_timestamp())`
        })

        const begin = Effect.gen(function* () {
          const today = dayOf(yield* Clock.currentTimeMillis)
          const found = yield* unfinished
          if (found.length === 0) yield* start
          const [progress] = found.length === 0 ? yield* unfinished : found
          if (progress === undefined) return yield* Effect.die("a rebuild was recorded, but is not there")
          const last = DateTime.makeUnsafe(today > progress.firstDay ? today : progress.firstDay)
          const span = DateTime.toEpochMillis(last) - DateTime.toEpochMillis(DateTime.makeUnsafe(progress.firstDay))
          return { ...progress, days: Math.round(span / 86_400_000) + 1 }
        }).pipe((begun) => exclusively(begun), Effect.withSpan("Rebuild.begin"))

        const record = (
          id: string,
          day: string,
          { after, before, skipped }: Effect.Success<ReturnType<typeof rebuildDay>>
        ) => sql`
          INSERT INTO tbg_api.mining_rebuild_days
            (rebuild_id, day, shares_before, shares_after, work_before, work_after, skipped)
          VALUES (
            ${id}::bigint, ${day}::date, ${before.shares}::bigint, ${after.shares}::bigint, ${before.work},
            ${after.work}, ${skipped}::bigint
          )`

        const next = Effect.fn("Rebuild.next")(
          function* (id: string) {
            const progress = (yield* unfinished).find((rebuild) => rebuild.id === id)
            if (progress === undefined) return true
            const now = yield* Clock.currentTimeMillis
            const day = dayAfter(progress.firstDay, progress.daysDone)
            const isLast = day >= dayOf(now)
            const until = isLast ? "infinity" : `${dayAfter(day, 1)} 00:00:00+00`
            const span = { day, from: `${day} 00:00:00+00`, until, now: now * 1000 }
            yield* record(id, day, yield* rebuildDay(span))
            yield* narrowGaps(span, isLast)
            if (!isLast) return false
            yield* updateTotals(`${progress.firstDay} 00:00:00+00`)
            yield* sql`UPDATE tbg_api.mining_rebuilds SET finished_at = clock_timestamp() WHERE id = ${id}::bigint`
            return true
          },
          (rebuilt) => exclusively(rebuilt)
        )

        return { begin, next, report }
      })
    )
}
