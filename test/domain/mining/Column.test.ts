import { assert, describe, it } from "@effect/vitest"
import { DateTime, Record, Schema, SchemaAST } from "effect"
import { baselineTables } from "../../../src/baseline/Schema.ts"
import type { TableName } from "../../../src/baseline/Schema.ts"
import { Block } from "../../../src/domain/mining/Block.ts"
import { DailyShares } from "../../../src/domain/mining/DailyShares.ts"
import { HourlyShares } from "../../../src/domain/mining/HourlyShares.ts"
import { MiningEvent } from "../../../src/domain/mining/MiningEvent.ts"
import { OwnerMigration } from "../../../src/domain/mining/OwnerMigration.ts"
import { RateLimitEvent } from "../../../src/domain/mining/RateLimitEvent.ts"
import { Share } from "../../../src/domain/mining/Share.ts"
import { User } from "../../../src/domain/mining/User.ts"
import { WeeklyBest } from "../../../src/domain/mining/WeeklyBest.ts"
import { Worker } from "../../../src/domain/mining/Worker.ts"
import timescaleJson from "../../fixtures/catalog.json" with { type: "json" }

type Fields = Schema.Struct.Fields
type Variant = Schema.Codec<unknown, unknown> & { readonly fields: Fields }
interface AnyModel extends Variant {
  readonly insert: Variant
  readonly update: Variant
  readonly json: Variant
  readonly jsonCreate: Variant
  readonly jsonUpdate: Variant
}

const models: Readonly<Record<TableName, AnyModel>> = {
  users: User,
  workers: Worker,
  shares: Share,
  blocks: Block,
  weekly_best_diff: WeeklyBest,
  mining_events: MiningEvent,
  schema_migrations: OwnerMigration,
  rate_limit_events: RateLimitEvent
}

const tables = Record.toEntries(models).map(([name, model]) => ({
  name,
  model,
  columns: baselineTables[name].columns
}))

const aggregates = [
  { name: "hourly_shares", model: HourlyShares, columns: timescaleJson.continuous_aggregates.hourly_shares.columns },
  { name: "daily_shares", model: DailyShares, columns: timescaleJson.continuous_aggregates.daily_shares.columns }
] as const

/** Values as the driver gives them, by the type of the column; `text` stands for all its kin. */
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

const isNullOr = (field: Schema.Constraint) =>
  "members" in field && Array.isArray(field.members) && field.members.includes(Schema.Null)

const fieldsThat = (holds: (field: Schema.Constraint) => boolean, { fields }: { readonly fields: Fields }) =>
  Object.entries(fields).flatMap(([name, field]) => (holds(field) ? [name] : []))

const isOptional = ({ ast }: Schema.Constraint) => SchemaAST.isOptional(ast)

describe.each(tables)("the model of $name", ({ columns, model }) => {
  const names = Object.keys(columns)
  const wantedNulls = names.filter((column) => columns[column]?.nullable)

  it("has exactly the declared columns", () => {
    assert.deepStrictEqual(Object.keys(model.fields), names)
    assert.deepStrictEqual(Object.keys(model.update.fields), names)
    assert.deepStrictEqual(Object.keys(model.json.fields), names)
  })

  it("lets no key be inserted that the database draws", () => {
    assert.deepStrictEqual(
      Object.keys(model.insert.fields),
      names.filter((column) => column !== "id")
    )
  })

  it("has nothing by which a caller makes a row", () => {
    assert.deepStrictEqual([model.jsonCreate.fields, model.jsonUpdate.fields], [{}, {}])
  })

  it("has NULL where a column may be NULL, and nowhere else", () => {
    assert.deepStrictEqual(fieldsThat(isNullOr, model), wantedNulls)
    assert.deepStrictEqual(fieldsThat(isNullOr, model.update), wantedNulls)
    assert.deepStrictEqual(fieldsThat(isNullOr, model.json), wantedNulls)
  })

  it("lets an insert leave out what has a default, and nothing else", () => {
    const withDefault = names.filter((column) => column !== "id" && columns[column]?.default !== null)
    assert.deepStrictEqual(fieldsThat(isOptional, model.insert), withDefault)
  })

  it("decodes what the driver gives for the types of the columns, and nothing of another kind", () => {
    const row = Record.map(columns, ({ type }) => samples[kinOf(type)])
    const accepts = (changed: object) => Schema.decodeUnknownOption(model)({ ...row, ...changed })._tag === "Some"
    assert.isTrue(accepts({}))
    for (const [column, { type }] of Object.entries(columns).filter((entry) => entry[1].type !== "jsonb")) {
      const others = Object.values(samples).filter((sample) => kindOf(sample) !== kindOf(samples[kinOf(type)]))
      for (const other of others) assert.isFalse(accepts({ [column]: other }), `${column}: ${kindOf(other)}`)
    }
  })

  it("refuses text that is longer than its column", () => {
    const limited = Object.entries(columns).filter(([, { type }]) => lengthOf(type) > 0)
    for (const [column, { type }] of limited) {
      const accepts = Schema.is(Schema.Struct({ [column]: model.insert.fields[column] ?? Schema.Never }))
      assert.isTrue(accepts({ [column]: "\u{1F600}".repeat(lengthOf(type)) }), column)
      assert.isFalse(accepts({ [column]: "a".repeat(lengthOf(type) + 1) }), column)
    }
  })
})

describe("the model of an aggregate", () => {
  it.each(aggregates)("has exactly the columns of $name, to be read only", ({ columns, model }) => {
    assert.deepStrictEqual(
      Object.keys(model.fields),
      columns.map((column) => column.name)
    )
    assert.deepStrictEqual([model.insert.fields, model.update.fields], [{}, {}])
  })
})
