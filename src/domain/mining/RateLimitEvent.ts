import { Model } from "effect/schema"
import { Inet, optionalDefaulted, optionalJsonb, required, textOf, Timestamp } from "./Column.ts"

/** What the owner's own limiter did: a row of the hypertable `rate_limit_events`, which has no key. */
export class RateLimitEvent extends Model.Class<RateLimitEvent>("RateLimitEvent")({
  ts: required(Timestamp),
  ip_address: required(Inet),
  event_type: required(textOf(32)),
  details: optionalJsonb,
  region: optionalDefaulted(textOf(8))
}) {}
