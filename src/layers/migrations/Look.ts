import { Effect } from "effect"
import { liveCatalog } from "../../baseline/Catalog.ts"
import { differencesOf } from "../../baseline/Difference.ts"
import type { Difference } from "../../baseline/Difference.ts"
import { fingerprintOf } from "../../baseline/Fingerprint.ts"
import { ownDifferencesOf } from "../../baseline/OwnExpectations.ts"
import { repairOf } from "../../baseline/Repair.ts"
import type { Repair } from "../../baseline/Repair.ts"
import { stepName } from "./History.ts"
import { appliedSteps } from "./Ledger.ts"

/** What one look at the database found. */
export interface Look {
  /** Where the baseline and our own tables differ from what this program was made for. */
  readonly differences: ReadonlyArray<Difference>
  /** Of the baseline's catalog. */
  readonly fingerprint: string
}

/** The same with the newest step that the ledger has. */
export interface Seen extends Look {
  readonly newest: string | undefined
}

/** A repair of the baseline, and what our own tables lack: that is for a migration, or a person. */
export interface Lacking extends Repair {
  readonly own: ReadonlyArray<Difference>
}

/** To be run in a snapshot: the ledger says which tables of ours the catalog is to have. */
const catalogAndSteps = Effect.all([liveCatalog, Effect.map(appliedSteps, (steps) => steps.map(stepName))])

export const seen = Effect.map(catalogAndSteps, ([catalog, steps]): Seen => ({
  newest: steps.at(-1),
  differences: [...differencesOf(catalog), ...ownDifferencesOf(catalog, steps)],
  fingerprint: fingerprintOf(catalog)
}))

export const lackingOf = Effect.map(catalogAndSteps, ([catalog, steps]): Lacking => ({
  ...repairOf(catalog),
  own: ownDifferencesOf(catalog, steps)
}))
