import { inspect } from "node:util"
import { assert, layer } from "@effect/vitest"
import { Arbitrary, DateTime, Effect, Equal, Schema } from "effect"
import { baselineTables } from "../../../src/domain/mining/Tables.ts"
import type { TableName } from "../../../src/domain/mining/Tables.ts"
import { withRollback } from "../../support/TestDatabase.ts"
import { storedRow, tables } from "./StoredRow.ts"
import type { RowSchema } from "./StoredRow.ts"

const arbitrary = { runs: 150, seed: 5, maxDiscards: 5000 }

/** The driver counts microseconds in doubles: multiples of 1000 are exact up to 2^56. */
const isExact = (value: unknown) => !DateTime.isDateTime(value) || Math.abs(value.epochMilliseconds) <= 2 ** 56 / 1000

// JSON.stringify escapes these in lower case, and doubles an existing backslash.
const refusedEscape = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/u

const isStorable = (row: object) => {
  const values = Object.values(row)
  return values.every(isExact) && !refusedEscape.test(JSON.stringify(values.filter(Schema.is(Schema.Json))))
}

const octet = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))

/** Addresses in their printed form. */
const address = Arbitrary.schema(Schema.Tuple([octet, octet, octet, octet])).pipe(
  Arbitrary.map((octets) => octets.join("."))
)

layer(tables)("every row that its schema admits is read back as it was written", (it) => {
  const property = <Row extends object>(
    table: TableName,
    schema: RowSchema<Row>,
    rows: Arbitrary.Arbitrary<Row> = Arbitrary.schema(schema)
  ) =>
    it.effect.prop(
      table,
      [rows.pipe(Arbitrary.filter(isStorable))],
      ([row]) =>
        Effect.gen(function* () {
          const found = new Map(Object.entries(yield* storedRow(table, schema, row)))
          const columns = Object.keys(baselineTables[table].columns)
          for (const [column, value] of Object.entries(row).filter(([column]) => columns.includes(column))) {
            assert.isTrue(Equal.equals(found.get(column), value), `${column} was read as ${inspect(found.get(column))}`)
          }
        }).pipe(withRollback),
      { arbitrary }
    )

  const { blocks, mining_events, rate_limit_events, schema_migrations, shares, users, weekly_best_diff, workers } =
    baselineTables
  property("workers", workers.row)
  property("blocks", blocks.row)
  property("mining_events", mining_events.row)
  property("schema_migrations", schema_migrations.row)
  property(
    "users",
    users.row,
    Arbitrary.schema(users.row).pipe(
      Arbitrary.map((row) => ({ ...row, country_code: row.country_code === null ? null : "PT" }))
    )
  )
  property(
    "weekly_best_diff",
    weekly_best_diff.row,
    Arbitrary.schema(weekly_best_diff.row).pipe(Arbitrary.map((row) => ({ ...row, week_start: "2024-02-29" })))
  )
  property(
    "shares",
    shares.row,
    Arbitrary.all([Arbitrary.schema(shares.row), address]).pipe(
      Arbitrary.map(([row, ip_address]) => ({ ...row, ip_address: row.ip_address === null ? null : ip_address }))
    )
  )
  property(
    "rate_limit_events",
    rate_limit_events.row,
    Arbitrary.all([Arbitrary.schema(rate_limit_events.row), address]).pipe(
      Arbitrary.map(([row, ip_address]) => ({ ...row, ip_address }))
    )
  )
})
