import { Array, Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import { sqlStateOf } from "../../../domain/SqlState.ts"

/** Another transaction holds a lock: SQLSTATE 55P03. */
const isLocked = ({ reason }: SqlError): boolean => sqlStateOf(reason.cause) === "55P03"

const hour = 3_600_000_000
const slots = 4

/** The partition of an hour cannot be emptied, because a gap next to it is not refilled yet. */
export class GapOpen extends Schema.TaggedError<GapOpen>()("GapOpen", {}) {}

/** Empties the partitions of `mining_shares` for the hours up to an arrival, in the transaction in progress. */
export const makeSlots = Effect.map(SqlClient.SqlClient, (sql) => {
  /** Shares up to 15 minutes around a gap are compared with the shares that refill it. */
  const openGaps = (slotHour: number) => sql`
    SELECT FROM tbg_api.mining_gaps
    WHERE finished_at IS NULL
      AND from_at - interval '15 minutes' < to_timestamp(${(slotHour + 1) * 3600}::double precision)
      AND next_at + interval '15 minutes' > to_timestamp(${slotHour * 3600}::double precision)
    LIMIT 1`

  /** Leaves the rows for another turn if something reads them, such as a backup, which may take hours. */
  const truncate = (tables: ReadonlyArray<string>) =>
    Effect.all([
      sql`SET LOCAL lock_timeout = '500ms'`,
      sql.unsafe(`TRUNCATE ${tables.join(", ")}`),
      sql`SET LOCAL lock_timeout TO DEFAULT`
    ]).pipe(
      sql.withTransaction,
      Effect.catchIf(isLocked, () => Effect.logWarning("expired shares are locked; they stay for up to 4 more hours"))
    )

  /** Returns the newest hour that has a partition. */
  return Effect.fnUntraced(function* (arrivals: ReadonlyArray<number>, slotHour: number) {
    const newest = Math.floor(arrivals.reduce((latest, at) => Math.max(latest, at), 0) / hour)
    if (newest <= slotHour) return slotHour
    const hours = Array.range(Math.max(slotHour + 1, newest - slots + 1), newest)
    for (const next of hours) {
      if (slotHour > 0 && (yield* openGaps(next - slots)).length > 0) return yield* new GapOpen()
    }
    // Readers lock partitions in this order, too; another order could deadlock with them.
    yield* truncate(hours.map((hour) => `tbg_api.mining_shares_${hour % slots}`).toSorted())
    yield* sql`UPDATE tbg_api.mining_state SET slot_hour = ${newest}::bigint`
    return newest
  })
})
