import { assert, describe, it } from "@effect/vitest"
import { Duration, Record, SchemaAST } from "effect"
import { normalDefault, normalView } from "../../src/baseline/Definition.ts"
import { aggregates } from "../../src/domain/mining/Aggregates.ts"
import type { Span } from "../../src/domain/mining/Table.ts"
import { baselineTables, coreTables } from "../../src/domain/mining/Tables.ts"
import { constraintsOf, plainCatalog, timescaleCatalog } from "../support/CatalogFixture.ts"
import type { CatalogFixture } from "../support/CatalogFixture.ts"
import { catalogOfFixture } from "../support/CatalogOfFixture.ts"

type DeclaredTable = (typeof baselineTables)[keyof typeof baselineTables]

const declared = (indexesOf: (table: DeclaredTable) => DeclaredTable["indexes"]) =>
  Record.map<string, DeclaredTable, unknown>(baselineTables, (table) => ({
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
  it("equals the catalog of the init script without TimescaleDB", () => {
    assert.deepStrictEqual(
      declared(({ indexes }) => indexes),
      expected(plainCatalog)
    )
  })

  it("equals the catalog of the init script with TimescaleDB", () => {
    assert.deepStrictEqual(
      declared(({ hypertable, indexes }) => ({ ...indexes, ...hypertable?.timeIndex })),
      expected(timescaleCatalog)
    )
  })

  it("has the hypertables of the init script, with their policies", () => {
    const policy = (after: Span | undefined) =>
      after === undefined ? null : { after: Duration.toSeconds(after), scheduled: true }
    const declared = Object.entries<DeclaredTable>(baselineTables).flatMap(([name, { hypertable }]) => {
      if (hypertable === undefined) return []
      const { chunk, compression, dropAfter, timeColumn } = hypertable
      const found = {
        timeColumn,
        chunk: Duration.toSeconds(chunk),
        compression: compression && { segmentBy: compression.segmentBy, orderBy: compression.orderBy },
        compressionPolicy: policy(compression?.after),
        retentionPolicy: policy(dropAfter)
      }
      return [[name, found] as const]
    })
    assert.deepStrictEqual(Object.fromEntries(declared), catalogOfFixture(timescaleCatalog).hypertables)
  })

  it("has the continuous aggregates of the init script, with the refresh that it creates", () => {
    const found = catalogOfFixture(timescaleCatalog).aggregates
    assert.deepStrictEqual(
      Record.map(found, ({ definition }) => normalView(definition)),
      Record.map(aggregates, ({ definition }) => definition)
    )
    assert.deepStrictEqual(found["hourly_shares"]?.refresh, {
      ...Record.map(aggregates.hourly_shares.refresh, Duration.toSeconds),
      scheduled: true
    })
    assert.strictEqual(found["daily_shares"]?.refresh, null)
  })

  it("has the six core tables", () => {
    assert.deepStrictEqual(Object.keys(coreTables), [
      "users",
      "workers",
      "shares",
      "blocks",
      "weekly_best_diff",
      "mining_events"
    ])
  })

  it("types a column of a later migration of the owner as optional, and does not expect it", () => {
    for (const { columns, row } of [baselineTables.shares, baselineTables.blocks, baselineTables.mining_events]) {
      assert.notProperty(columns, "region")
      assert.isTrue(SchemaAST.isOptional(row.fields.region.ast))
    }
  })
})
