import type { Catalog } from "./Catalog.ts"
import { differenceOf } from "./Difference.ts"
import type { Difference, Expectation } from "./Difference.ts"
import type { FoundTable } from "./FoundTable.ts"
import { ownTables } from "./OwnTables.ts"
import { tableExpectations } from "./TableExpectations.ts"

const blocking = { severity: "blocking" } as const

/** Includes all policies, because a second one may expose rows that the first hides. */
const policiesOf = ({ policies }: FoundTable): string | null =>
  Object.entries(policies)
    .map(([name, definition]) => `${name} ${definition}`)
    .toSorted()
    .join("; ") || null

/** Forced RLS is accepted too: it is the fallback if the role of tenant statements is missing (`docs/database.md`). */
const isolationExpectations = (table: string, wanted: FoundTable, found: FoundTable): ReadonlyArray<Expectation> => {
  if (!wanted.rowSecurity) return []
  const names = Object.keys(wanted.policies)
  const none = "no policy"
  return [
    {
      ...blocking,
      kind: "row-level security",
      object: `row-level security of ${table}`,
      wanted: "enabled",
      found: found.rowSecurity ? "enabled" : null
    },
    {
      ...blocking,
      kind: "policy",
      object: `policy ${names.join(", ")} on ${table}`,
      wanted: policiesOf(wanted) ?? none,
      found: policiesOf(found) ?? (names.length === 0 ? none : null)
    }
  ]
}

const partitionExpectations = (table: string, wanted: FoundTable, found: FoundTable): ReadonlyArray<Expectation> =>
  wanted.partitionKey === null
    ? []
    : [
        {
          severity: "warning",
          kind: "partition key",
          object: `partition key of ${table}`,
          wanted: wanted.partitionKey,
          found: found.partitionKey
        }
      ]

const expectationsOfTable = (name: string, wanted: FoundTable, { own }: Catalog): ReadonlyArray<Expectation> => {
  const found = own.tables[name]
  const parts = tableExpectations(name, wanted, found, { ...blocking, other: own.others[name] })
  return found === undefined
    ? parts
    : [...parts, ...partitionExpectations(name, wanted, found), ...isolationExpectations(name, wanted, found)]
}

/**
 * Differences between our own tables and the result of the migrations `applied`. A missing table, a missing or retyped
 * column and broken tenant isolation are `blocking`; anything else is a `warning`. Additions by others are not
 * differences. `repair` fixes none of these, because only migrations create our tables.
 */
export const ownDifferencesOf = (
  catalog: Catalog,
  applied: ReadonlyArray<string>,
  expected: Readonly<Record<string, FoundTable & { readonly migration: string }>> = ownTables
): ReadonlyArray<Difference> =>
  Object.entries(expected)
    .filter(([, { migration }]) => applied.includes(migration))
    .flatMap(([name, table]) => expectationsOfTable(name, table, catalog))
    .flatMap((expectation) => differenceOf(expectation) ?? [])
