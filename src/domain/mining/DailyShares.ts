import { Model } from "effect/schema"
import { Float8, Int8, textOf, Timestamp } from "./Column.ts"

/**
 * The shares of an address in a day, UTC: a row of the continuous aggregate `daily_shares`, as `HourlyShares` is one.
 */
export class DailyShares extends Model.Class<DailyShares>("DailyShares")({
  /** When the day begins. */
  bucket: Model.GeneratedByDb(Timestamp),
  btc_address: Model.GeneratedByDb(textOf(62)),
  total_shares: Model.GeneratedByDb(Int8),
  accepted_shares: Model.GeneratedByDb(Int8),
  best_diff: Model.GeneratedByDb(Float8)
}) {}
