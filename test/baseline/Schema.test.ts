import { assert, describe, it } from "@effect/vitest"
import { Record } from "effect"
import { coreTables } from "../../src/baseline/CoreTables.ts"
import { baselineTables } from "../../src/baseline/Schema.ts"
import type { Table } from "../../src/baseline/Table.ts"
import { constraintsOf, plainCatalog, timescaleCatalog } from "../support/CatalogFixture.ts"
import type { CatalogFixture } from "../support/CatalogFixture.ts"

const declared = (indexesOf: (table: Table) => Table["indexes"]) =>
  Record.map<string, Table, unknown>(baselineTables, (table) => ({
    columns: table.columns,
    constraints: table.constraints,
    indexes: indexesOf(table)
  }))

const expected = ({ tables }: CatalogFixture) =>
  Record.map(tables, (table) => ({
    columns: Object.fromEntries(table.columns.map(({ name, nullable, type }) => [name, { type, nullable }])),
    constraints: constraintsOf(table),
    indexes: Object.fromEntries(
      table.indexes
        .filter((index) => index.backs_constraint === null)
        .map(({ definition, name }) => [name, definition.replace(" ON public.", " ON ")])
    )
  }))

describe("the declared schema", () => {
  it("is the catalog that the init script makes without TimescaleDB", () => {
    assert.deepStrictEqual(
      declared(({ indexes }) => indexes),
      expected(plainCatalog)
    )
  })

  it("is the catalog that the init script makes with TimescaleDB", () => {
    assert.deepStrictEqual(
      declared(({ hypertableIndexes, indexes }) => ({ ...indexes, ...hypertableIndexes })),
      expected(timescaleCatalog)
    )
  })

  it("knows the six core tables", () => {
    const core = Record.filter<string, Table>(baselineTables, (table) => table.core)
    assert.deepStrictEqual(Object.keys(core), Object.keys(coreTables))
    assert.deepStrictEqual(Object.keys(coreTables), [
      "users",
      "workers",
      "shares",
      "blocks",
      "weekly_best_diff",
      "mining_events"
    ])
  })
})
