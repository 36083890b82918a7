import { assert, layer } from "@effect/vitest"
import { BigDecimal, DateTime, Effect, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { baselineTables } from "../../../src/domain/mining/Tables.ts"
import { withRollback } from "../../support/TestDatabase.ts"
import { newRow } from "./NewRow.ts"
import { onlyRow, storedRow, tables } from "./StoredRow.ts"

const { blocks, mining_events, rate_limit_events, shares, users, weekly_best_diff } = baselineTables

const accepts = <Row>(schema: Schema.Codec<Row, unknown>, row: NoInfer<Row>) =>
  Option.isSome(Schema.encodeOption(schema)(row))

const decodeText = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ text: Schema.String })]))

layer(tables)("a column", (it) => {
  it.effect.each(["99999999.99999999", "-99999999.99999999", "0.00000001", "0", "20999999.9769"])(
    "stores %s bitcoin exact to the satoshi",
    (text) =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const reward_btc = BigDecimal.fromStringUnsafe(text)
        const found = yield* storedRow("blocks", blocks.row, { ...newRow.blocks, reward_btc })
        assert.strictEqual(Option.getOrNull(Option.map(Option.fromNullOr(found.reward_btc), BigDecimal.format)), text)
        const held = yield* sql`SELECT trim_scale(reward_btc)::text AS text FROM blocks`
        assert.deepStrictEqual(yield* decodeText(held), [{ text }])
      }).pipe(withRollback)
  )

  it.each(["100000000", "-100000000", "0.000000001", "99999999.999999999"])("rejects %s bitcoin", (text) =>
    assert.isFalse(accepts(blocks.row, { ...newRow.blocks, reward_btc: BigDecimal.fromStringUnsafe(text) }))
  )

  it.effect.each([
    ["PT", "PT"],
    ["P", "P"],
    ["", ""],
    [null, null]
  ])("returns the country code %j without padding", ([written, read]) =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql`INSERT INTO users (btc_address, country_code) VALUES ('bc1q', ${written})`
      const found = yield* onlyRow("users", users.row)
      assert.strictEqual(found.country_code, read)
    }).pipe(withRollback)
  )

  it.effect.each(["192.0.2.1", "192.0.2.7/24", "0.0.0.0/0", "2001:db8::1", "2001:db8::7/64", "::", "::1/0"])(
    "stores the address %s",
    (ip_address) =>
      Effect.gen(function* () {
        const share = yield* storedRow("shares", shares.row, { ...newRow.shares, ip_address })
        const event = yield* storedRow("rate_limit_events", rate_limit_events.row, {
          ...newRow.rate_limit_events,
          ip_address
        })
        assert.deepStrictEqual([share.ip_address, event.ip_address], [ip_address, ip_address])
      }).pipe(withRollback)
  )

  it.effect.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, Number.MAX_VALUE, 0.1])(
    "stores the double %s",
    (difficulty) =>
      Effect.gen(function* () {
        const found = yield* storedRow("shares", shares.row, { ...newRow.shares, difficulty })
        assert.deepStrictEqual(found.difficulty, difficulty)
      }).pipe(withRollback)
  )

  it.effect.each([-(2n ** 63n), -1n, 0n, 2n ** 53n + 1n, 2n ** 63n - 1n])("stores the bigint %s", (total_shares) =>
    Effect.gen(function* () {
      const found = yield* storedRow("weekly_best_diff", weekly_best_diff.row, {
        ...newRow.weekly_best_diff,
        total_shares
      })
      assert.strictEqual(found.total_shares, total_shares)
    }).pipe(withRollback)
  )

  it.each([2n ** 63n, -(2n ** 63n) - 1n])("rejects the bigint %s", (total_shares) =>
    assert.isFalse(accepts(weekly_best_diff.row, { ...newRow.weekly_best_diff, total_shares }))
  )

  it.effect.each(["0001-01-01", "1969-12-31", "2024-02-29", "9999-12-31"])("stores the date %s", (week_start) =>
    Effect.gen(function* () {
      const found = yield* storedRow("weekly_best_diff", weekly_best_diff.row, {
        ...newRow.weekly_best_diff,
        week_start
      })
      assert.strictEqual(found.week_start, week_start)
    }).pipe(withRollback)
  )

  it.each(["", "10000-01-01", "2025-1-1", "2025-01-01T00:00Z"])("rejects the date %j", (week_start) =>
    assert.isFalse(accepts(weekly_best_diff.row, { ...newRow.weekly_best_diff, week_start }))
  )

  it.effect("returns the same date in every time zone", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql`SET LOCAL timezone = 'Asia/Tokyo'`
      const found = yield* storedRow("weekly_best_diff", weekly_best_diff.row, newRow.weekly_best_diff)
      assert.strictEqual(found.week_start, newRow.weekly_best_diff.week_start)
    }).pipe(withRollback)
  )

  it.effect.each([
    "1970-01-01T00:00:00.000Z",
    "1969-12-31T23:59:59.999Z",
    "0001-01-01T00:00:00.001Z",
    "2026-01-05T12:34:56.789Z",
    "4200-12-31T23:59:59.999Z",
    "9999-12-31T00:00:00.000Z"
  ])("stores the timestamp %s", (text) =>
    Effect.gen(function* () {
      const found = yield* storedRow("shares", shares.row, { ...newRow.shares, time: DateTime.makeUnsafe(text) })
      assert.strictEqual(DateTime.formatIso(found.time), text)
    }).pipe(withRollback)
  )

  it.effect.each([
    ["2026-01-05 00:00:00.123999+00", "2026-01-05T00:00:00.123Z"],
    ["1969-12-31 23:59:59.123001+00", "1969-12-31T23:59:59.124Z"]
  ])("rounds the timestamp %s to milliseconds towards 2000", ([written, read]) =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql`INSERT INTO mining_events (ts, event_type, payload) VALUES (${written}, '', '{}')`
      const found = yield* onlyRow("mining_events", mining_events.row)
      assert.strictEqual(DateTime.formatIso(found.ts), read)
    }).pipe(withRollback)
  )

  it.effect.each<{ readonly payload: Schema.Json }>([
    { payload: { user: "bc1q", deep: [{ 日本: ["\u{1F600}", "\\u0000", '"', "\n", null, true, 1.5e300, 0.1] }] } },
    { payload: [] },
    { payload: "text" },
    { payload: 0 },
    { payload: null }
  ])("stores the JSON %j", ({ payload }) =>
    Effect.gen(function* () {
      const event = yield* storedRow("mining_events", mining_events.row, { ...newRow.mining_events, payload })
      assert.deepStrictEqual(event.payload, payload)
      const limited = yield* storedRow("rate_limit_events", rate_limit_events.row, {
        ...newRow.rate_limit_events,
        details: payload
      })
      assert.deepStrictEqual(limited.details, payload)
    }).pipe(withRollback)
  )

  it.effect("is NULL for absent optional JSON, and JSON null for required JSON", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* storedRow("rate_limit_events", rate_limit_events.row, newRow.rate_limit_events)
      yield* storedRow("mining_events", mining_events.row, { ...newRow.mining_events, payload: null })
      const held =
        yield* sql`SELECT coalesce(details::text, 'NULL') || payload AS text FROM rate_limit_events, mining_events`
      assert.deepStrictEqual(yield* decodeText(held), [{ text: "NULLnull" }])
    }).pipe(withRollback)
  )

  it.effect.each(["", " ", "\t\n\u001B", "'; --", "\u{1F600}".repeat(62)])("stores the text %j", (btc_address) =>
    Effect.gen(function* () {
      const found = yield* storedRow("users", users.row, { ...newRow.users, btc_address })
      assert.strictEqual(found.btc_address, btc_address)
    }).pipe(withRollback)
  )

  it.each(["a\u0000", "\uD800", "a".repeat(63)])("rejects the text %j", (btc_address) =>
    assert.isFalse(accepts(users.row, { ...newRow.users, btc_address }))
  )
})
