import { Record } from "effect"
import type { Catalog } from "../../src/baseline/Catalog.ts"
import { constraintsOf } from "./CatalogFixture.ts"
import type { CatalogFixture } from "./CatalogFixture.ts"

type FoundTable = Catalog["tables"][string]

/** What the program would find in a database that is as the fixture says. */
export const foundCatalog = ({ tables }: CatalogFixture, timescale = false): Catalog => ({
  timescale,
  timescaleAvailable: false,
  tables: Record.map(tables, (table) => ({
    columns: Object.fromEntries(table.columns.map(({ name, nullable, type }) => [name, { type, nullable }])),
    constraints: constraintsOf(table),
    indexes: Object.fromEntries(
      table.indexes.map(({ definition, name }) => [name, definition.replace(" ON public.", " ON ")])
    )
  }))
})

/** The catalog without some tables. */
export const withoutTables = (catalog: Catalog, ...names: ReadonlyArray<string>): Catalog => ({
  ...catalog,
  tables: Record.filter(catalog.tables, (_, name) => !names.includes(name))
})

/** The catalog with one table changed. */
export const withTable = (catalog: Catalog, name: string, change: (table: FoundTable) => FoundTable): Catalog => ({
  ...catalog,
  tables: Record.map(catalog.tables, (table, other) => (other === name ? change(table) : table))
})
