import { Array, Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"

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

  /** Returns the newest hour that has a partition. */
  return Effect.fnUntraced(function* (arrivals: ReadonlyArray<number>, slotHour: number) {
    const newest = Math.floor(arrivals.reduce((latest, at) => Math.max(latest, at), 0) / hour)
    if (newest <= slotHour) return slotHour
    const hours = Array.range(Math.max(slotHour + 1, newest - slots + 1), newest)
    for (const next of hours) {
      if (slotHour > 0 && (yield* openGaps(next - slots)).length > 0) return yield* new GapOpen()
    }
    // Readers lock partitions in this order, too; another order could deadlock with them.
    const tables = hours.map((hour) => `tbg_api.mining_shares_${hour % slots}`).toSorted()
    yield* sql.unsafe(`TRUNCATE ${tables.join(", ")}`)
    yield* sql`UPDATE tbg_api.mining_state SET slot_hour = ${newest}::bigint`
    return newest
  })
})
