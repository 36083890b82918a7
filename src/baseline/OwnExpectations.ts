import type { Catalog } from "./Catalog.ts"
import { differenceOf } from "./Difference.ts"
import type { Difference } from "./Difference.ts"
import type { Expectation } from "./Expectation.ts"
import { ownTables, teamWall } from "./OwnTables.ts"
import type { OwnTable } from "./OwnTables.ts"
import { describeTable, partExpectations } from "./TableExpectations.ts"

type FoundTable = Catalog["tables"][string]

const blocking = { severity: "blocking", creation: null } as const

/** A second policy may show what the first hides, so all policies are compared. */
const policiesOf = ({ policies }: FoundTable): string | null => {
  const found = Object.entries(policies).map(([name, definition]) => `${name} ${definition}`)
  return found.length === 0 ? null : found.toSorted().join("; ")
}

/** RLS is also forced if the role of tenant statements could not be created (`docs/teams.md`). */
const enabled = (found: FoundTable): string | null =>
  found.rowSecurity === "enabled and forced" ? "enabled" : found.rowSecurity

const wallExpectations = (table: string, found: FoundTable): ReadonlyArray<Expectation> => [
  {
    ...blocking,
    kind: "row-level security",
    object: `row-level security of ${table}`,
    wanted: "enabled",
    found: enabled(found)
  },
  {
    ...blocking,
    kind: "policy",
    object: `policy ${teamWall.name} on ${table}`,
    wanted: `${teamWall.name} ${teamWall.definition}`,
    found: policiesOf(found)
  }
]

const tableExpectations = (name: string, wanted: OwnTable, catalog: Catalog): ReadonlyArray<Expectation> => {
  const found = catalog.tables[name]
  const description = describeTable(wanted)
  const itself: Expectation = {
    ...blocking,
    kind: "table",
    object: `table ${name}`,
    wanted: description,
    found: found === undefined ? (catalog.others[name] ?? null) : description
  }
  if (found === undefined) return [itself]
  return [itself, ...partExpectations(name, wanted, found), ...(wanted.walled ? wallExpectations(name, found) : [])]
}

/**
 * Differences between our own tables and the result of the migrations `steps`. A missing table, a missing or retyped
 * column and broken tenant isolation are `blocking`; anything else is a `warning`. Additions by others are not
 * differences. `repair` fixes none of these, because only migrations create our tables.
 */
export const ownDifferencesOf = (catalog: Catalog, steps: ReadonlyArray<string>): ReadonlyArray<Difference> =>
  Object.entries(ownTables)
    .filter(([, { step }]) => steps.includes(step))
    .flatMap(([name, table]) => tableExpectations(name, table, catalog))
    .flatMap((expectation) => differenceOf(expectation) ?? [])
