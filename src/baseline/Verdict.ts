import { coreTables } from "../domain/mining/Tables.ts"
import type { Policy } from "./BaselinePolicy.ts"
import type { Catalog } from "./Catalog.ts"
import { differencesOf } from "./Difference.ts"
import type { Difference } from "./Difference.ts"

/** Action of the baseline migration on a database. */
export type Verdict =
  | { readonly _tag: "Record"; readonly warnings: ReadonlyArray<Difference> }
  | { readonly _tag: "Create" }
  | { readonly _tag: "Refuse"; readonly reason: string; readonly differences: ReadonlyArray<Difference> }

const mayCreate = ({ environment, policy }: Policy): boolean =>
  policy === "create" || environment === "development" || environment === "test"

const refuse = (reason: string, differences: ReadonlyArray<Difference>): Verdict => ({
  _tag: "Refuse",
  reason: `${reason}; nothing was changed`,
  differences
})

/** Decides what the baseline migration does with a database (contract section 7). */
export const decideVerdict = (catalog: Catalog, policy: Policy): Verdict => {
  const differences = differencesOf(catalog)
  const hasNoCoreTables = Object.keys(coreTables).every((name) => catalog.tables[name] === undefined)
  const blocking = differences.filter(({ severity }) => severity === "blocking")

  if (!hasNoCoreTables && blocking.length > 0)
    return refuse("the database lacks the schema that this service needs", differences)
  if (!hasNoCoreTables && policy.policy === "strict" && differences.length > 0) {
    return refuse("the database differs from the baseline, and TBG_BASELINE_POLICY is strict", differences)
  }
  if (!hasNoCoreTables) return { _tag: "Record", warnings: differences }

  if (!mayCreate(policy)) {
    return refuse(
      `the database has no baseline tables; its address may be wrong (in ${policy.environment} they are created only ` +
        "with TBG_BASELINE_POLICY=create)",
      differences
    )
  }
  // Existing tables are not altered, so one that exists without the core tables must match.
  return blocking.some(({ kind, problem }) => kind !== "table" || problem === "different")
    ? refuse("a baseline table exists with a different definition", differences)
    : { _tag: "Create" }
}
