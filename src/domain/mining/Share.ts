import { Schema } from "effect"
import { Model } from "effect/schema"
import { defaulted, Float8, Inet, optional, optionalDefaulted, required, textOf, Timestamp } from "./Column.ts"

/** A share that a worker handed in: a row of the hypertable `shares`, which has no key. */
export class Share extends Model.Class<Share>("Share")({
  time: required(Timestamp),
  btc_address: required(textOf(62)),
  worker_name: defaulted(textOf(128)),
  /** The difficulty that was asked of the worker. */
  difficulty: required(Float8),
  /** The difficulty that the share reached. */
  share_diff: required(Float8),
  is_valid: defaulted(Schema.Boolean),
  is_block: optionalDefaulted(Schema.Boolean),
  ip_address: optional(Inet),
  nonce: optional(textOf(16)),
  nonce2: optional(textOf(32)),
  block_hash: optional(textOf(64)),
  source: optionalDefaulted(textOf(16))
}) {}
