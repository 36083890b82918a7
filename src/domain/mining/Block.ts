import { BigDecimal, Schema } from "effect"
import { Model } from "effect/schema"
import {
  defaulted,
  Float8,
  generated,
  Int4,
  Int8,
  optional,
  optionalDefaulted,
  required,
  textOf,
  Timestamp
} from "./Column.ts"
import { UserId } from "./User.ts"
import { WorkerId } from "./Worker.ts"

const most = BigDecimal.make(9_999_999_999_999_999n, 8)

/**
 * `numeric(16,8)`: bitcoin, to the satoshi, without a float in between. More decimals are refused, where Postgres would
 * round. Its NaN does not decode.
 */
export const Btc = Schema.BigDecimalFromString.check(
  Schema.isBetweenBigDecimal({ minimum: BigDecimal.negate(most), maximum: most }),
  Schema.makeFilter((amount) => BigDecimal.normalize(amount).scale <= 8, { expected: "at most 8 decimals" })
)

/** A block that the pool found: a row of `blocks`. */
export class Block extends Model.Class<Block>("Block")({
  id: generated(Int8),
  block_height: required(Int4),
  block_hash: required(textOf(64)),
  prev_hash: optional(textOf(64)),
  user_id: optional(UserId),
  worker_id: optional(WorkerId),
  btc_address: optional(textOf(62)),
  reward_btc: optional(Btc),
  fees_btc: optional(Btc),
  difficulty: optional(Float8),
  confirmations: optionalDefaulted(Int4),
  found_at: defaulted(Timestamp),
  confirmed: optionalDefaulted(Schema.Boolean),
  coinbase_sig: optional(textOf(128)),
  source: optionalDefaulted(textOf(16))
}) {}
