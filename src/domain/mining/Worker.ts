import { Schema } from "effect"
import { Model } from "effect/schema"
import { Float8, generated, Int8, optional, optionalDefaulted, required, textOf, Timestamp } from "./Column.ts"
import { UserId } from "./User.ts"

export const WorkerId = Int8.pipe(Schema.brand("WorkerId"))
export type WorkerId = typeof WorkerId.Type

/** A machine of a miner: a row of `workers`. Hash rates are means over the last minute, 5 minutes, hour and day. */
export class Worker extends Model.Class<Worker>("Worker")({
  id: generated(WorkerId),
  user_id: optional(UserId),
  worker_name: required(textOf(128)),
  first_seen: optionalDefaulted(Timestamp),
  last_share: optional(Timestamp),
  current_diff: optional(Float8),
  hashrate_1m: optional(Float8),
  hashrate_5m: optional(Float8),
  hashrate_1h: optional(Float8),
  hashrate_24h: optional(Float8),
  is_online: optionalDefaulted(Schema.Boolean),
  source: optionalDefaulted(textOf(16))
}) {}
