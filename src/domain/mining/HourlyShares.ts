import { Model } from "effect/schema"
import { Float8, Int8, textOf, Timestamp } from "./Column.ts"

/**
 * The shares of an address in an hour: a row of the continuous aggregate `hourly_shares`, which can only be read. A
 * view's columns are never declared NOT NULL; these have no NULL, as a bucket has a share and a share has all of them.
 */
export class HourlyShares extends Model.Class<HourlyShares>("HourlyShares")({
  /** When the hour begins. */
  bucket: Model.GeneratedByDb(Timestamp),
  btc_address: Model.GeneratedByDb(textOf(62)),
  total_shares: Model.GeneratedByDb(Int8),
  accepted_shares: Model.GeneratedByDb(Int8),
  rejected_shares: Model.GeneratedByDb(Int8),
  best_diff: Model.GeneratedByDb(Float8),
  avg_diff: Model.GeneratedByDb(Float8)
}) {}
