import type { Policy } from "./BaselinePolicy.ts"
import type { Catalog } from "./Catalog.ts"
import type { Difference } from "./Difference.ts"
import { differencesOf, lacksCoreTables } from "./Expectations.ts"

/** Action of the baseline migration on a database. */
export type Verdict =
  | { readonly _tag: "Record" | "Create" }
  | { readonly _tag: "Refuse"; readonly reason: string; readonly differences: ReadonlyArray<Difference> }

const mayCreate = ({ environment, policy }: Policy): boolean =>
  policy === "create" || environment === "development" || environment === "test"

/** Decides what the baseline migration does with a database (contract section 7). */
export const decideVerdict = (catalog: Catalog, policy: Policy): Verdict => {
  const differences = differencesOf(catalog)
  const blocking = differences.filter(({ severity }) => severity === "blocking")
  const refuse = (reason: string): Verdict => ({
    _tag: "Refuse",
    reason: `${reason}; nothing was changed`,
    differences
  })

  if (!lacksCoreTables(catalog)) {
    if (blocking.length > 0) return refuse("the database lacks the schema that this service needs")
    return policy.policy === "strict" && differences.length > 0
      ? refuse("the database differs from the baseline, and TBG_BASELINE_POLICY is strict")
      : { _tag: "Record" }
  }
  if (!mayCreate(policy)) {
    return refuse(
      `the database has no baseline tables; its address may be wrong (in ${policy.environment} they are created only ` +
        "with TBG_BASELINE_POLICY=create)"
    )
  }
  // Existing tables are not altered, so one that exists without the core tables must match.
  return blocking.some(({ kind, problem }) => kind !== "table" || problem === "different")
    ? refuse("a baseline table exists with a different definition")
    : { _tag: "Create" }
}
