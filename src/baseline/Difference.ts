import type { Catalog } from "./Catalog.ts"
import type { Expectation, Kind, Severity } from "./Expectation.ts"
import { expectationsOf } from "./Expectations.ts"

export interface Difference {
  /** The service cannot run with a `blocking` difference, or with a `warning` if the policy is `strict`. */
  readonly severity: Severity
  readonly kind: Kind
  /** Kind and name, such as `column users.btc_address`. */
  readonly object: string
  readonly problem: "missing" | "different"
  readonly wanted: string
  /** `null` if it is missing. */
  readonly found: string | null
}

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

export const describeDifference = ({ found, object, wanted }: Difference): string =>
  found === null ? `${object} is missing; expected ${wanted}` : `${object} is ${found}; expected ${wanted}`
