import type { Catalog } from "./Catalog.ts"
import { differenceOf } from "./Difference.ts"
import type { Difference } from "./Difference.ts"
import type { Expectation } from "./Expectation.ts"
import { ownTables, teamWall } from "./OwnTables.ts"
import type { OwnTable } from "./OwnTables.ts"
import { describeTable, partExpectations } from "./TableExpectations.ts"

type FoundTable = Catalog["tables"][string]

const blocking = { severity: "blocking", creation: null } as const

/** A second policy may show what the first hides, so what is found is all of them. */
const policiesOf = ({ policies }: FoundTable): string | null => {
  const found = Object.entries(policies).map(([name, definition]) => `${name} ${definition}`)
  return found.length === 0 ? null : found.toSorted().join("; ")
}

/** It is forced as well where the role of tenant statements could not be created (`docs/teams.md`). */
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
 * Where our own tables differ from what the migrations created, on a database whose ledger has the `steps`. A missing
 * table, a missing or retyped column and broken tenant isolation are `blocking`, all else is a `warning`. What others
 * add is not a difference. A repair changes none of it: a table of ours is created by its migration.
 */
export const ownDifferencesOf = (catalog: Catalog, steps: ReadonlyArray<string>): ReadonlyArray<Difference> =>
  Object.entries(ownTables)
    .filter(([, { step }]) => steps.includes(step))
    .flatMap(([name, table]) => tableExpectations(name, table, catalog))
    .flatMap((expectation) => differenceOf(expectation) ?? [])
