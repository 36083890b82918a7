import { Context } from "effect"

/** Ways to handle a schema that differs from the baseline. */
export const policies = ["verify", "strict", "create"] as const

/**
 * Environment and policy of the baseline migration (contract section 7, `TBG_BASELINE_POLICY`). It is a reference with a
 * default, because a migration may require only `SqlClient`. The default creates nothing.
 */
export interface Policy {
  readonly environment: "development" | "test" | "staging" | "production"
  /** `verify` records a baseline with warnings, `strict` refuses it, `create` creates it on an empty database. */
  readonly policy: (typeof policies)[number]
}

export const BaselinePolicy = Context.Reference<Policy>("tbg-api/baseline/BaselinePolicy", {
  defaultValue: () => ({ environment: "production", policy: "verify" })
})
