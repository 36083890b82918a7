import { assert, describe, it } from "@effect/vitest"
import { DateTime, Record, Schema } from "effect"
import { aggregates } from "../../../src/domain/mining/Aggregates.ts"
import { sqlColumnOf } from "../../../src/domain/mining/Column.ts"
import { baselineTables } from "../../../src/domain/mining/Tables.ts"
import timescaleJson from "../../fixtures/catalog.json" with { type: "json" }

const tables = Record.toEntries(baselineTables).map(([name, { columns, row }]) => {
  const schema: Schema.ConstraintCodec<unknown, unknown> & { readonly fields: Schema.Struct.Fields } = row
  return { name, columns, row: schema }
})

/** Values as the driver returns them, by column type; `text` stands for all text types. */
const samples: Readonly<Record<string, unknown>> = {
  bigint: 1n,
  boolean: true,
  "character(2)": "PT",
  date: "2025-01-06",
  "double precision": 0.5,
  inet: "192.0.2.1",
  integer: 1,
  jsonb: { user: "bc1q" },
  "numeric(16,8)": "3.12500000",
  text: "a",
  "timestamp with time zone": DateTime.toDateUtc(DateTime.makeUnsafe(0))
}

const kinOf = (type: string) => type.replace(/^character varying\(\d+\)$/, "text")

const kindOf = (value: unknown) => Object.prototype.toString.call(value)

const lengthOf = (type: string) => Number(/^character varying\((\d+)\)$/.exec(type)?.[1])

describe.each(tables)("the row of $name", ({ columns, row }) => {
  const sample = Record.map(columns, ({ type }) => samples[kinOf(type)])
  const accepts = (changed: object) => Schema.decodeUnknownOption(row)({ ...sample, ...changed })._tag === "Some"

  it("decodes the driver's values of each column type, and rejects other types", () => {
    assert.isTrue(accepts({}))
    for (const [column, { type }] of Object.entries(columns).filter((entry) => entry[1].type !== "jsonb")) {
      const others = Object.values(samples).filter((sample) => kindOf(sample) !== kindOf(samples[kinOf(type)]))
      for (const other of others) assert.isFalse(accepts({ [column]: other }), `${column}: ${kindOf(other)}`)
    }
  })

  it("accepts NULL only in nullable columns", () => {
    for (const [column, { nullable, type }] of Object.entries(columns)) {
      assert.strictEqual(accepts({ [column]: null }), nullable || type === "jsonb", column)
    }
  })

  it("rejects text that is longer than its column", () => {
    const limited = Object.entries(columns).filter(([, { type }]) => lengthOf(type) > 0)
    for (const [column, { type }] of limited) {
      assert.isTrue(accepts({ [column]: "\u{1F600}".repeat(lengthOf(type)) }), column)
      assert.isFalse(accepts({ [column]: "a".repeat(lengthOf(type) + 1) }), column)
    }
  })

  it("accepts the column that a later migration of the owner adds", () => {
    assert.isTrue(accepts({ region: "eu" }))
    assert.isTrue(accepts({ region: null }))
  })
})

describe("the row of an aggregate", () => {
  it.each(Record.toEntries(aggregates))("has the columns of %s, with their types", (name, { row }) => {
    assert.deepStrictEqual(
      Object.entries(row.fields).map(([column, schema]) => ({ name: column, type: sqlColumnOf(schema)?.type })),
      timescaleJson.continuous_aggregates[name].columns.map(({ name, type }) => ({ name, type }))
    )
  })
})
