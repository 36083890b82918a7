import type { Catalog } from "./Catalog.ts"
import type { Expectation, Kind, Severity } from "./Expectation.ts"
import { expectationsOf } from "./Expectations.ts"

/** An object of the baseline or of our own tables that is missing, or differs from what is expected. */
export interface Difference {
  /** `blocking`: the service cannot run on this. `warning`: it can, unless the policy is `strict`. */
  readonly severity: Severity
  readonly kind: Kind
  /** Kind and name, such as `column users.btc_address`. */
  readonly object: string
  readonly problem: "missing" | "different"
  readonly wanted: string
  /** `null` if it is missing. */
  readonly found: string | null
}

/** Difference of an expectation; `undefined` if it is met, or if the missing object is optional. */
export const differenceOf = (expectation: Expectation): Difference | undefined => {
  const { found, kind, isOptional, object, severity, wanted } = expectation
  if (found === wanted || (found === null && isOptional === true)) return undefined
  return { severity, kind, object, problem: found === null ? "missing" : "different", wanted, found }
}

/**
 * Differences between a database and the baseline (contract section 7). A missing core table and a missing or retyped
 * column are `blocking`; anything else is a `warning`. Objects that the baseline does not know are not differences.
 */
export const differencesOf = (catalog: Catalog): ReadonlyArray<Difference> =>
  expectationsOf(catalog).flatMap((expectation) => differenceOf(expectation) ?? [])

/** A difference as one line of text. */
export const describeDifference = ({ found, object, wanted }: Difference): string =>
  found === null ? `${object} is missing; expected ${wanted}` : `${object} is ${found}; expected ${wanted}`
