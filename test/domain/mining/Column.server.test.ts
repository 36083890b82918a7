import { assert, layer } from "@effect/vitest"
import { BigDecimal, DateTime, Effect, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Block } from "../../../src/domain/mining/Block.ts"
import { MiningEvent } from "../../../src/domain/mining/MiningEvent.ts"
import { RateLimitEvent } from "../../../src/domain/mining/RateLimitEvent.ts"
import { Share } from "../../../src/domain/mining/Share.ts"
import { User } from "../../../src/domain/mining/User.ts"
import { WeeklyBest } from "../../../src/domain/mining/WeeklyBest.ts"
import { withRollback } from "../../support/TestDatabase.ts"
import { newRow } from "./NewRow.ts"
import { storedRow, tables } from "./StoredRow.ts"

const isInsertable = <New>(model: { readonly insert: Schema.Codec<New, unknown> }, row: NoInfer<New>) =>
  Option.isSome(Schema.encodeOption(model.insert)(row))

const decodeOne = <Row>(model: Schema.ConstraintCodec<Row, unknown>) =>
  Schema.decodeUnknownEffect(Schema.Tuple([model]))

const decodeText = decodeOne(Schema.Struct({ text: Schema.String }))

layer(tables)("a column", (it) => {
  it.effect.each(["99999999.99999999", "-99999999.99999999", "0.00000001", "0", "20999999.9769"])(
    "holds %s bitcoin to the satoshi",
    (text) =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const reward_btc = BigDecimal.fromStringUnsafe(text)
        const found = yield* storedRow("blocks", Block, { ...newRow.block, reward_btc })
        assert.strictEqual(Option.getOrNull(Option.map(Option.fromNullOr(found.reward_btc), BigDecimal.format)), text)
        const held = yield* sql`SELECT trim_scale(reward_btc)::text AS text FROM blocks`
        assert.deepStrictEqual(yield* decodeText(held), [{ text }])
      }).pipe(withRollback)
  )

  it.each(["100000000", "-100000000", "0.000000001", "99999999.999999999"])("refuses %s bitcoin", (text) =>
    assert.isFalse(isInsertable(Block, { ...newRow.block, reward_btc: BigDecimal.fromStringUnsafe(text) }))
  )

  it.effect.each([
    ["PT", "PT"],
    ["P", "P"],
    ["", ""],
    [null, null]
  ])("tells the country code %j without its padding", ([written, read]) =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql`INSERT INTO users (btc_address, country_code) VALUES ('bc1q', ${written})`
      const [found] = yield* decodeOne(User)(yield* sql`SELECT * FROM users`)
      assert.strictEqual(found.country_code, read)
    }).pipe(withRollback)
  )

  it.each(["", "P", "pt", "PRT", "P\n"])("takes no country code %j", (country_code) =>
    assert.isFalse(isInsertable(User, { ...newRow.user, country_code }))
  )

  it.effect.each(["192.0.2.1", "192.0.2.7/24", "0.0.0.0/0", "2001:db8::1", "2001:db8::7/64", "::", "::1/0"])(
    "holds the address %s",
    (ip_address) =>
      Effect.gen(function* () {
        const share = yield* storedRow("shares", Share, { ...newRow.share, ip_address })
        const event = yield* storedRow("rate_limit_events", RateLimitEvent, { ...newRow.rateLimitEvent, ip_address })
        assert.deepStrictEqual([share.ip_address, event.ip_address], [ip_address, ip_address])
      }).pipe(withRollback)
  )

  it.effect.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, Number.MAX_VALUE, 0.1])(
    "holds the double %s",
    (difficulty) =>
      Effect.gen(function* () {
        const found = yield* storedRow("shares", Share, { ...newRow.share, difficulty })
        assert.deepStrictEqual(found.difficulty, difficulty)
      }).pipe(withRollback)
  )

  it.effect.each([-(2n ** 63n), -1n, 0n, 2n ** 53n + 1n, 2n ** 63n - 1n])("holds the bigint %s", (total_shares) =>
    Effect.gen(function* () {
      const found = yield* storedRow("weekly_best_diff", WeeklyBest, { ...newRow.weeklyBest, total_shares })
      assert.strictEqual(found.total_shares, total_shares)
    }).pipe(withRollback)
  )

  it.each([2n ** 63n, -(2n ** 63n) - 1n])("refuses the bigint %s", (total_shares) =>
    assert.isFalse(isInsertable(WeeklyBest, { ...newRow.weeklyBest, total_shares }))
  )

  it.effect.each(["0001-01-01", "1969-12-31", "2024-02-29", "9999-12-31"])("holds the date %s", (week_start) =>
    Effect.gen(function* () {
      const found = yield* storedRow("weekly_best_diff", WeeklyBest, { ...newRow.weeklyBest, week_start })
      assert.strictEqual(found.week_start, week_start)
    }).pipe(withRollback)
  )

  it.each(["", "0000-01-01", "2025-02-29", "2025-04-31", "2025-13-01", "10000-01-01", "2025-1-1", "2025-01-01T00:00Z"])(
    "refuses the date %j",
    (week_start) => assert.isFalse(isInsertable(WeeklyBest, { ...newRow.weeklyBest, week_start }))
  )

  it.effect("tells the same date in every time zone", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql`SET LOCAL timezone = 'Asia/Tokyo'`
      const found = yield* storedRow("weekly_best_diff", WeeklyBest, newRow.weeklyBest)
      assert.strictEqual(found.week_start, newRow.weeklyBest.week_start)
    }).pipe(withRollback)
  )

  it.effect.each([
    "1970-01-01T00:00:00.000Z",
    "1969-12-31T23:59:59.999Z",
    "0001-01-01T00:00:00.001Z",
    "2026-01-05T12:34:56.789Z",
    "4200-12-31T23:59:59.999Z",
    "9999-12-31T00:00:00.000Z"
  ])("holds the moment %s", (text) =>
    Effect.gen(function* () {
      const found = yield* storedRow("shares", Share, { ...newRow.share, time: DateTime.makeUnsafe(text) })
      assert.strictEqual(DateTime.formatIso(found.time), text)
    }).pipe(withRollback)
  )

  it.effect.each([
    ["2026-01-05 00:00:00.123999+00", "2026-01-05T00:00:00.123Z"],
    ["1969-12-31 23:59:59.123001+00", "1969-12-31T23:59:59.124Z"]
  ])("tells the moment %s to the millisecond towards 2000", ([written, read]) =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql`INSERT INTO mining_events (ts, event_type, payload) VALUES (${written}, '', '{}')`
      const [found] = yield* decodeOne(MiningEvent)(yield* sql`SELECT * FROM mining_events`)
      assert.strictEqual(DateTime.formatIso(found.ts), read)
    }).pipe(withRollback)
  )

  it.effect.each<{ readonly payload: Schema.Json }>([
    { payload: { user: "bc1q", deep: [{ 日本: ["\u{1F600}", "\\u0000", '"', "\n", null, true, 1.5e300, 0.1] }] } },
    { payload: [] },
    { payload: "text" },
    { payload: 0 },
    { payload: null }
  ])("holds the JSON %j", ({ payload }) =>
    Effect.gen(function* () {
      const event = yield* storedRow("mining_events", MiningEvent, { ...newRow.miningEvent, payload })
      assert.deepStrictEqual(event.payload, payload)
      const limited = yield* storedRow("rate_limit_events", RateLimitEvent, {
        ...newRow.rateLimitEvent,
        details: payload
      })
      assert.deepStrictEqual(limited.details, payload)
    }).pipe(withRollback)
  )

  it.effect("is NULL where optional JSON is null, and JSON's null where JSON is wanted", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* storedRow("rate_limit_events", RateLimitEvent, newRow.rateLimitEvent)
      yield* storedRow("mining_events", MiningEvent, { ...newRow.miningEvent, payload: null })
      const held =
        yield* sql`SELECT coalesce(details::text, 'NULL') || payload AS text FROM rate_limit_events, mining_events`
      assert.deepStrictEqual(yield* decodeText(held), [{ text: "NULLnull" }])
    }).pipe(withRollback)
  )

  it.each<{ readonly payload: Schema.Json }>([
    { payload: { "a\u0000": 1 } },
    { payload: ["\uD800"] },
    { payload: "\\\u0000" },
    { payload: { a: { b: "\uDC00" } } }
  ])("takes no JSON %j", ({ payload }) => assert.isFalse(isInsertable(MiningEvent, { ...newRow.miningEvent, payload })))

  it.effect.each(["", " ", "\t\n\u001B", "'; --", "\u{1F600}".repeat(62)])("holds the text %j", (btc_address) =>
    Effect.gen(function* () {
      const found = yield* storedRow("users", User, { ...newRow.user, btc_address })
      assert.strictEqual(found.btc_address, btc_address)
    }).pipe(withRollback)
  )

  it.each(["a\u0000", "\uD800", "a".repeat(63)])("takes no text %j", (btc_address) =>
    assert.isFalse(isInsertable(User, { ...newRow.user, btc_address }))
  )
})
