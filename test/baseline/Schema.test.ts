import { assert, describe, it } from "@effect/vitest"
import { Record } from "effect"
import { coreTables } from "../../src/baseline/CoreTables.ts"
import { normalDefault, normalView } from "../../src/baseline/Definition.ts"
import { baselineTables } from "../../src/baseline/Schema.ts"
import type { BaselineTable, Table } from "../../src/baseline/Table.ts"
import { aggregates, hypertables } from "../../src/baseline/Timescale.ts"
import { constraintsOf, plainCatalog, timescaleCatalog } from "../support/CatalogFixture.ts"
import type { CatalogFixture } from "../support/CatalogFixture.ts"
import { foundCatalog } from "../support/FoundCatalog.ts"

const declared = (indexesOf: (table: BaselineTable) => Table["indexes"]) =>
  Record.map<string, BaselineTable, unknown>(baselineTables, (table) => ({
    columns: table.columns,
    constraints: table.constraints,
    indexes: indexesOf(table)
  }))

const expected = ({ tables }: CatalogFixture) =>
  Record.map(tables, (table) => ({
    columns: Object.fromEntries(
      table.columns.map(({ default: value, name, nullable, type }) => [
        name,
        { type, nullable, default: normalDefault(value) }
      ])
    ),
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

  it("has the hypertables of the init script, with their policies", () => {
    const declared = Record.map(foundCatalog(timescaleCatalog).hypertables, (_, name) => {
      const wanted = Object.entries(hypertables).find(([table]) => table === name)?.[1]
      const policy = (after: number | undefined) => (after === undefined ? null : { after, scheduled: true })
      return {
        timeColumn: wanted?.timeColumn,
        chunk: wanted?.chunk,
        compression: wanted?.compression
          ? { segmentBy: wanted.compression.segmentBy, orderBy: wanted.compression.orderBy }
          : null,
        compressionPolicy: policy(wanted?.compression?.after),
        retentionPolicy: policy(wanted?.dropAfter)
      }
    })
    assert.deepStrictEqual<unknown>(declared, foundCatalog(timescaleCatalog).hypertables)
    assert.deepStrictEqual(Object.keys(hypertables).toSorted(), Object.keys(declared).toSorted())
  })

  it("has the continuous aggregates of the init script, and the refresh that it makes", () => {
    const found = foundCatalog(timescaleCatalog).aggregates
    assert.deepStrictEqual(
      Record.map(found, ({ definition }) => normalView(definition)),
      Record.map(aggregates, ({ definition }) => definition)
    )
    assert.deepStrictEqual(found["hourly_shares"]?.refresh, { ...aggregates.hourly_shares.refresh, scheduled: true })
    assert.strictEqual(found["daily_shares"]?.refresh, null)
  })

  it("knows the six core tables", () => {
    const core = Record.filter<string, BaselineTable>(baselineTables, (table) => table.core)
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
