import { Context } from "effect"

export const policies = ["verify", "strict", "create"] as const

/** Environment and policy of the baseline migration (contract section 7, `TBG_BASELINE_POLICY`). */
export interface Policy {
  readonly environment: "development" | "test" | "staging" | "production"
  /** `verify` records a baseline with warnings, `strict` refuses it, `create` creates it on an empty database. */
  readonly policy: (typeof policies)[number]
}

/** A reference with a default, because migrations may require only `SqlClient`. The default creates nothing. */
export const BaselinePolicy = Context.Reference<Policy>("tbg-api/baseline/BaselinePolicy", {
  defaultValue: () => ({ environment: "production", policy: "verify" })
})
