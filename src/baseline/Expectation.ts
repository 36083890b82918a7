/** The order in which a repair makes what is missing: each may need what stands before it. */
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
  | "row-level security"
  | "policy"

/**
 * One object of the baseline or of our own, and what a database has in its place: the same text, another, or `null`.
 */
export interface Expectation {
  readonly severity: Severity
  readonly kind: Kind
  /** Kind and name, such as `column users.btc_address`. */
  readonly object: string
  readonly wanted: string
  readonly found: string | null
  /** Its absence is no difference. */
  readonly mayLack?: true
  /** What makes it where it is missing; `null` where that would alter what exists. */
  readonly creation: { readonly step: (typeof repairOrder)[number]; readonly statements: ReadonlyArray<string> } | null
}
