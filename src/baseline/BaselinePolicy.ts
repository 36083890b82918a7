import { Context } from "effect"

/** What to do about a schema that is not as expected. */
export const policies = ["verify", "strict", "create"] as const

/**
 * Where the baseline runs and what the operator allows (contract section 7, `TBG_BASELINE_POLICY`). A migration may
 * require nothing but `SqlClient`, hence a reference: whoever forgets to provide it gets the setting that creates
 * nothing.
 */
export interface Policy {
  readonly environment: "development" | "test" | "staging" | "production"
  /**
   * `verify` records a baseline that lacks something minor, `strict` refuses it, `create` makes it on an empty
   * database.
   */
  readonly policy: (typeof policies)[number]
}

export const BaselinePolicy = Context.Reference<Policy>("tbg-api/baseline/BaselinePolicy", {
  defaultValue: () => ({ environment: "production", policy: "verify" })
})
