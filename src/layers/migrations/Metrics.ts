import { Effect, Metric } from "effect"
import type { Seen } from "./Look.ts"

/** Schema state that this process knows. */
export type KnownSchema = { readonly [Field in "newest" | "differences"]?: Seen[Field] | undefined }

const drift = Metric.gauge("tbg_schema_drift", {
  description: "Objects of the schema that differ from what the service was made for"
})
const info = Metric.gauge("tbg_migration_info", { description: "The newest applied migration; always 1" })

const infoOf = (newest: string) => Metric.withAttributes(info, { newest })

/** Replaces the metrics of the state `before`. */
export const showSchema = Effect.fnUntraced(function* (before: KnownSchema, now: KnownSchema) {
  if (now.differences !== undefined) yield* Metric.update(drift, now.differences.length)
  if (before.newest !== undefined) yield* Metric.remove(infoOf(before.newest))
  if (now.newest !== undefined) yield* Metric.update(infoOf(now.newest), 1)
})
