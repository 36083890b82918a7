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

export type Severity = "blocking" | "warning"
export type Kind =
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

/** Expected object. `found` is the text of the object in the database, or `null` if it is missing. */
export interface Expectation {
  readonly severity: Severity
  readonly kind: Kind
  /** Kind and name, such as `column users.btc_address`. */
  readonly object: string
  readonly wanted: string
  readonly found: string | null
  /** Whether its absence is acceptable. */
  readonly isOptional?: boolean
  /** Statements that create it if it is missing; absent if they would alter existing objects. */
  readonly creation?: { readonly step: (typeof repairOrder)[number]; readonly statements: ReadonlyArray<string> }
}
