import { Effect, Metric } from "effect"
import { liveCatalog } from "../../baseline/Catalog.ts"
import type { Difference } from "../../baseline/Difference.ts"
import { differencesOf, fingerprintOf } from "../../baseline/Expectations.ts"
import { ownDifferencesOf } from "../../baseline/OwnExpectations.ts"
import { repairOf } from "../../baseline/Repair.ts"
import type { Repair } from "../../baseline/Repair.ts"
import { migrationName } from "./History.ts"
import { appliedMigrations } from "./Ledger.ts"

export interface Comparison {
  readonly differences: ReadonlyArray<Difference>
  /** Fingerprint of the baseline's catalog. */
  readonly fingerprint: string
}

export interface SchemaState extends Comparison {
  readonly newest: string | undefined
}

/** Repair of the baseline, and the differences of our own tables, which only migrations can fix. */
export interface Lacking extends Repair {
  readonly own: ReadonlyArray<Difference>
}

/** Must run in a snapshot, because the ledger determines which of our tables the catalog must have. */
const catalogAndNames = Effect.all([liveCatalog, Effect.map(appliedMigrations, (all) => all.map(migrationName))])

export const readSchema = Effect.map(catalogAndNames, ([catalog, names]): SchemaState => ({
  newest: names.at(-1),
  differences: [...differencesOf(catalog), ...ownDifferencesOf(catalog, names)],
  fingerprint: fingerprintOf(catalog)
}))

export const readLacking = Effect.map(catalogAndNames, ([catalog, names]): Lacking => ({
  ...repairOf(catalog),
  own: ownDifferencesOf(catalog, names)
}))

/** Schema state that this process last read. */
export type KnownSchema = { readonly [Field in "newest" | "differences"]?: SchemaState[Field] | undefined }

const drift = Metric.gauge("tbg_schema_drift", {
  description: "Schema objects that differ from what the service expects"
})
const info = Metric.gauge("tbg_migration_info", { description: "Latest applied migration; always 1" })

const infoOf = (newest: string) => Metric.withAttributes(info, { newest })

/** Replaces the metrics of the state `before`. */
export const updateMetrics = Effect.fnUntraced(function* (before: KnownSchema, now: KnownSchema) {
  if (now.differences !== undefined) yield* Metric.update(drift, now.differences.length)
  if (before.newest !== undefined) yield* Metric.remove(infoOf(before.newest))
  if (now.newest !== undefined) yield* Metric.update(infoOf(now.newest), 1)
})

/** Logs a change of the differences; `before` is `undefined` at the first comparison. */
export const logDrift = (before: ReadonlyArray<Difference> = [], now: ReadonlyArray<Difference>) => {
  if (JSON.stringify(before) === JSON.stringify(now)) return Effect.void
  return now.length === 0
    ? Effect.logInfo("schema drift resolved")
    : Effect.annotateLogs(Effect.logWarning("schema drift detected"), {
        objects: now.map(({ object, problem }) => `${object} is ${problem}`)
      })
}
