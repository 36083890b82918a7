import { assert, layer } from "@effect/vitest"
import { BigDecimal, DateTime, Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Block } from "../../../src/domain/mining/Block.ts"
import { RateLimitEvent } from "../../../src/domain/mining/RateLimitEvent.ts"
import { Share } from "../../../src/domain/mining/Share.ts"
import { User, UserId } from "../../../src/domain/mining/User.ts"
import { Worker } from "../../../src/domain/mining/Worker.ts"
import { withRollback } from "../../support/TestDatabase.ts"
import { newRow } from "./NewRow.ts"
import { storedRow, tables } from "./StoredRow.ts"

layer(tables)("a row", (it) => {
  it.effect("gets a key and the defaults of the table where an insert has none", () =>
    Effect.gen(function* () {
      const user = yield* storedRow("users", User, newRow.user)
      assert.isTrue(user.id > 0n)
      assert.isTrue(DateTime.isDateTime(user.created_at))
      assert.isFalse(user.is_verified)
      const { is_block, is_valid, source, worker_name } = yield* storedRow("shares", Share, newRow.share)
      assert.deepStrictEqual([worker_name, is_valid, is_block, source], ["", true, false, "hosted"])
      assert.strictEqual((yield* storedRow("rate_limit_events", RateLimitEvent, newRow.rateLimitEvent)).region, "eu")
    }).pipe(withRollback)
  )

  it.effect("has NULL where NULL is written over a default", () =>
    Effect.gen(function* () {
      const { first_seen, is_online, source } = yield* storedRow("workers", Worker, {
        ...newRow.worker,
        first_seen: null,
        is_online: null,
        source: null
      })
      assert.deepStrictEqual([first_seen, is_online, source], [null, null, null])
    }).pipe(withRollback)
  )

  it.effect("is changed through the update variant, found by the greatest key that there is", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const id = UserId.make(2n ** 63n - 1n)
      yield* sql`INSERT INTO users (id, btc_address) VALUES (${id}, 'bc1q')`
      const changed = new User({ ...newRow.user, id, display_name: "Zoë", created_at: null, is_verified: true })
      const written = yield* Schema.encodeEffect(User.update)(changed)
      yield* sql`UPDATE users SET ${sql.update(written, ["id"])} WHERE id = ${written.id}`
      const [found] = yield* Schema.decodeUnknownEffect(Schema.Tuple([User]))(yield* sql`SELECT * FROM users`)
      assert.deepStrictEqual(found, changed)
    }).pipe(withRollback)
  )

  it.effect("decodes from a table that has columns of others", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql`ALTER TABLE users ADD COLUMN referrer text DEFAULT 'someone'`
      yield* sql`INSERT INTO users (btc_address) VALUES ('bc1q')`
      // A statement of its own: a session that has prepared `SELECT *` refuses it once the table has another column.
      const [found] = yield* Schema.decodeUnknownEffect(Schema.Tuple([User]))(yield* sql`SELECT u.* FROM users u`)
      assert.sameMembers(Object.keys(found), Object.keys(User.fields))
    }).pipe(withRollback)
  )

  it.effect("is JSON with decimals, bigints and moments as strings, and null for what is absent", () =>
    Effect.gen(function* () {
      const found = yield* storedRow("blocks", Block, {
        ...newRow.block,
        reward_btc: BigDecimal.fromStringUnsafe("3.12500000"),
        difficulty: Number.POSITIVE_INFINITY,
        found_at: DateTime.makeUnsafe("2026-01-05T00:00:00.5Z")
      })
      const json: unknown = JSON.parse(
        JSON.stringify(yield* Schema.encodeEffect(Schema.toCodecJson(Block.json))(found))
      )
      assert.deepStrictEqual(json, {
        ...newRow.block,
        id: String(found.id),
        reward_btc: "3.125",
        difficulty: "Infinity",
        confirmations: 0,
        found_at: "2026-01-05T00:00:00.500Z",
        confirmed: false,
        source: "hosted"
      })
    }).pipe(withRollback)
  )
})
