import { assert, layer } from "@effect/vitest"
import { BigDecimal, DateTime, Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { baselineTables } from "../../../src/domain/mining/Tables.ts"
import { runAll } from "../../support/Catalog.ts"
import { withRollback } from "../../support/TestDatabase.ts"
import { newRow } from "./NewRow.ts"
import { onlyRow, storedRow, tables } from "./StoredRow.ts"

const { blocks, rate_limit_events, shares, users, workers } = baselineTables

layer(tables)("a row", (it) => {
  it.effect("gets a key and the table's defaults if an insert leaves them out", () =>
    Effect.gen(function* () {
      yield* runAll([
        "INSERT INTO users (btc_address) VALUES ('bc1q')",
        "INSERT INTO shares (time, btc_address, difficulty, share_diff) VALUES (now(), 'bc1q', 1, 2)",
        "INSERT INTO rate_limit_events (ts, ip_address, event_type) VALUES (now(), '192.0.2.1', 'blocked')"
      ])
      const user = yield* onlyRow("users", users.row)
      assert.isTrue(user.id > 0n)
      assert.isTrue(DateTime.isDateTime(user.created_at))
      assert.isFalse(user.is_verified)
      const { is_block, is_valid, source, worker_name } = yield* onlyRow("shares", shares.row)
      assert.deepStrictEqual([worker_name, is_valid, is_block, source], ["", true, false, "hosted"])
      assert.strictEqual((yield* onlyRow("rate_limit_events", rate_limit_events.row)).region, "eu")
    }).pipe(withRollback)
  )

  it.effect("keeps an explicit NULL in place of a default", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* storedRow("workers", workers.row, newRow.workers), newRow.workers)
    }).pipe(withRollback)
  )

  it.effect("decodes from a table with additional columns", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql`ALTER TABLE users ADD COLUMN referrer text DEFAULT 'someone'`
      yield* sql`INSERT INTO users (btc_address) VALUES ('bc1q')`
      // A different statement, because a session rejects a prepared `SELECT *` after the table gets a column.
      const rows = yield* sql`SELECT u.* FROM users u`
      const [found] = yield* Schema.decodeUnknownEffect(Schema.Tuple([users.row]))(rows)
      assert.sameMembers(Object.keys(found), Object.keys(users.columns))
    }).pipe(withRollback)
  )

  it.effect("includes the column that a later migration of the owner adds, once it exists", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      assert.notProperty(yield* storedRow("blocks", blocks.row, newRow.blocks), "region")
      yield* sql`ALTER TABLE blocks ADD COLUMN region varchar(8) DEFAULT 'eu'`
      const rows = yield* sql`SELECT b.* FROM blocks b`
      const [found] = yield* Schema.decodeUnknownEffect(Schema.Tuple([blocks.row]))(rows)
      assert.strictEqual(found.region, "eu")
    }).pipe(withRollback)
  )

  it.effect("encodes to JSON with decimals, bigints and timestamps as strings, and null for absent values", () =>
    Effect.gen(function* () {
      const found = yield* storedRow("blocks", blocks.row, {
        ...newRow.blocks,
        reward_btc: BigDecimal.fromStringUnsafe("3.12500000"),
        difficulty: Number.POSITIVE_INFINITY,
        found_at: DateTime.makeUnsafe("2026-01-05T00:00:00.5Z")
      })
      const json: unknown = JSON.parse(
        JSON.stringify(yield* Schema.encodeEffect(Schema.toCodecJson(blocks.row))(found))
      )
      assert.deepStrictEqual(json, {
        ...newRow.blocks,
        id: "1",
        reward_btc: "3.125",
        difficulty: "Infinity",
        found_at: "2026-01-05T00:00:00.500Z"
      })
    }).pipe(withRollback)
  )
})
