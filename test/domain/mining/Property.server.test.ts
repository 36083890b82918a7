import { inspect } from "node:util"
import { assert, layer } from "@effect/vitest"
import { Arbitrary, DateTime, Effect, Equal, Schema } from "effect"
import type { TableName } from "../../../src/baseline/Schema.ts"
import { Block } from "../../../src/domain/mining/Block.ts"
import { MiningEvent } from "../../../src/domain/mining/MiningEvent.ts"
import { OwnerMigration } from "../../../src/domain/mining/OwnerMigration.ts"
import { RateLimitEvent } from "../../../src/domain/mining/RateLimitEvent.ts"
import { Share } from "../../../src/domain/mining/Share.ts"
import { User } from "../../../src/domain/mining/User.ts"
import { WeeklyBest } from "../../../src/domain/mining/WeeklyBest.ts"
import { Worker } from "../../../src/domain/mining/Worker.ts"
import { withRollback } from "../../support/TestDatabase.ts"
import { storedRow, tables } from "./StoredRow.ts"
import type { TableModel } from "./StoredRow.ts"

const arbitrary = { runs: 150, seed: 5, maxDiscards: 5000 }

/** The driver reckons in microseconds, and in doubles: multiples of 1000 are exact up to 2^56. */
const isExact = (row: object) =>
  Object.values(row).every(
    (value) => !DateTime.isDateTime(value) || Math.abs(value.epochMilliseconds) <= 2 ** 56 / 1000
  )

const octet = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))

/** Addresses in the spelling that they are printed in. */
const address = Arbitrary.schema(Schema.Tuple([octet, octet, octet, octet])).pipe(
  Arbitrary.map((octets) => octets.join("."))
)

layer(tables)("every row that an insert variant admits is read back as it was written", (it) => {
  const property = <Row extends object, New extends object>(
    table: TableName,
    model: TableModel<Row, New>,
    rows: Arbitrary.Arbitrary<New> = Arbitrary.schema(model.insert)
  ) =>
    it.effect.prop(
      table,
      [rows.pipe(Arbitrary.filter(isExact))],
      ([row]) =>
        Effect.gen(function* () {
          const found = new Map(Object.entries(yield* storedRow(table, model, row)))
          for (const [column, value] of Object.entries(row)) {
            assert.isTrue(Equal.equals(found.get(column), value), `${column} was read as ${inspect(found.get(column))}`)
          }
        }).pipe(withRollback),
      { arbitrary }
    )

  property("users", User)
  property("workers", Worker)
  property("blocks", Block)
  property("weekly_best_diff", WeeklyBest)
  property("mining_events", MiningEvent)
  property("schema_migrations", OwnerMigration)
  property(
    "shares",
    Share,
    Arbitrary.all([Arbitrary.schema(Share.insert), address]).pipe(
      Arbitrary.map(([row, ip_address]) => ({ ...row, ip_address: row.ip_address === null ? null : ip_address }))
    )
  )
  property(
    "rate_limit_events",
    RateLimitEvent,
    Arbitrary.all([Arbitrary.schema(RateLimitEvent.insert), address]).pipe(
      Arbitrary.map(([row, ip_address]) => ({ ...row, ip_address }))
    )
  )
})
