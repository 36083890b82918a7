/** Order in which a repair creates missing objects; each kind may depend on the ones before it. */
export const repairOrder = [
  "key",
  "table",
  "foreign key",
  "index",
  "compression",
  "policy",
  "aggregate",
  "refresh"
] as const

type Kind =
  | "table"
  | "column"
  | "default"
  | "constraint"
  | "index"
  | "hypertable"
  | "compression"
  | "retention"
  | "aggregate"
  | "refresh"
  | "partition key"
  | "row-level security"
  | "policy"

/** Expected object. */
export interface Expectation {
  /** The service cannot run with a `blocking` difference, or with a `warning` if the policy is `strict`. */
  readonly severity: "blocking" | "warning"
  readonly kind: Kind
  /** Kind and name, such as `column users.btc_address`. */
  readonly object: string
  readonly wanted: string
  /** Text of the object in the database; `null` if it is missing. */
  readonly found: string | null
  /** Whether its absence is acceptable. */
  readonly isOptional?: boolean
  /** Statements that create it if it is missing; absent if they would alter existing objects. */
  readonly creation?: { readonly step: (typeof repairOrder)[number]; readonly statements: ReadonlyArray<string> }
}

/** Unmet expectation. */
export interface Difference extends Omit<Expectation, "isOptional" | "creation"> {
  readonly problem: "missing" | "different"
}

export const differenceOf = (expectation: Expectation): Difference | undefined => {
  const { found, kind, isOptional, object, severity, wanted } = expectation
  if (found === wanted || (found === null && isOptional === true)) return undefined
  return { severity, kind, object, problem: found === null ? "missing" : "different", wanted, found }
}

export const describeDifference = ({ found, object, wanted }: Difference): string =>
  found === null ? `${object} is missing; expected ${wanted}` : `${object} is ${found}; expected ${wanted}`
