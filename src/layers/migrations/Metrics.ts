import { Effect, Metric } from "effect"
import type { Seen } from "./Look.ts"

/** What a process knows of the schema so far. */
export type KnownSchema = { readonly [Field in "newest" | "differences"]?: Seen[Field] | undefined }

const drift = Metric.gauge("tbg_schema_drift", {
  description: "Objects of the schema that differ from what the service was made for"
})
const info = Metric.gauge("tbg_migration_info", { description: "The newest applied migration; always 1" })

const infoOf = (newest: string) => Metric.withAttributes(info, { newest })

/** Shows what is known now in place of what was known `before`. */
export const showSchema = Effect.fnUntraced(function* (before: KnownSchema, now: KnownSchema) {
  if (now.differences !== undefined) yield* Metric.update(drift, now.differences.length)
  if (before.newest !== undefined) yield* Metric.remove(infoOf(before.newest))
  if (now.newest !== undefined) yield* Metric.update(infoOf(now.newest), 1)
})
