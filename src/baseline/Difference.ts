import type { Catalog } from "./Catalog.ts"
import type { Expectation, Kind, Severity } from "./Expectation.ts"
import { expectationsOf } from "./Expectations.ts"

/** One object of the baseline, or of our own tables, that the database lacks, or has otherwise. */
export interface Difference {
  /** `blocking`: the service cannot run on this; `warning`: it can, and `strict` refuses all the same. */
  readonly severity: Severity
  readonly kind: Kind
  /** Kind and name, such as `column users.btc_address`. */
  readonly object: string
  readonly problem: "missing" | "different"
  readonly wanted: string
  /** `null` where it is missing. */
  readonly found: string | null
}

/** What is not as expected; `undefined` where it is, or where its absence is tolerated. */
export const differenceOf = (expectation: Expectation): Difference | undefined => {
  const { found, kind, mayLack, object, severity, wanted } = expectation
  if (found === wanted || (found === null && mayLack === true)) return undefined
  return { severity, kind, object, problem: found === null ? "missing" : "different", wanted, found }
}

/**
 * Where a database differs from the baseline (contract section 7). A missing core table, and a missing or retyped
 * column, are `blocking`; all else is a `warning`. Objects that the baseline does not know are no difference.
 */
export const differencesOf = (catalog: Catalog): ReadonlyArray<Difference> =>
  expectationsOf(catalog).flatMap((expectation) => differenceOf(expectation) ?? [])

/** One line for a person. */
export const describeDifference = ({ found, object, wanted }: Difference): string =>
  found === null ? `${object} is missing: wanted ${wanted}` : `${object} is ${found}: wanted ${wanted}`
