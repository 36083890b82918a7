import { isChanged, stepName } from "./History.ts"
import type { LoadedStep } from "./History.ts"
import type { AppliedRecord } from "./Ledger.ts"

/** A step of this program, of the ledger, or of both. */
export interface StepStatus {
  readonly name: string
  /** RFC 3339; `null` while it is pending. */
  readonly appliedAt: string | null
  /** `recognised`, `created` or `applied`; `null` while it is pending, or where an older program recorded it. */
  readonly mode: string | null
  /** Of the service that applied it; `null` likewise. */
  readonly version: string | null
  /** A newer program applied it, and this one does not know it. */
  readonly unknown: boolean
  /** Its source is another than the one that was applied. */
  readonly changed: boolean
}

/** Every step, oldest first. */
export const statusOf = (
  ours: ReadonlyArray<LoadedStep>,
  applied: ReadonlyArray<AppliedRecord>
): ReadonlyArray<StepStatus> => {
  const loaded = new Map(ours.map((step) => [step.id, step]))
  const records = new Map(applied.map((record) => [record.id, record]))
  const steps = new Map([...applied, ...ours].map((step) => [step.id, step]))
  return [...steps.values()]
    .toSorted((a, b) => a.id - b.id)
    .map((step) => {
      const own = loaded.get(step.id)
      const record = records.get(step.id)
      return {
        name: stepName(step),
        appliedAt: record?.appliedAt ?? null,
        mode: record?.mode ?? null,
        version: record?.version ?? null,
        unknown: own === undefined,
        changed: own !== undefined && isChanged(own, record)
      }
    })
}
