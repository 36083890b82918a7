import { Model } from "effect/schema"
import { jsonb, optionalDefaulted, required, Text, textOf, Timestamp } from "./Column.ts"

/** What a collector reported: a row of the hypertable `mining_events`, which has no key. */
export class MiningEvent extends Model.Class<MiningEvent>("MiningEvent")({
  ts: required(Timestamp),
  event_type: required(Text),
  source: optionalDefaulted(textOf(16)),
  payload: jsonb
}) {}
