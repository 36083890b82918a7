import { assert, describe, it } from "@effect/vitest"
import { Record } from "effect"
import type { Catalog } from "../../src/baseline/Catalog.ts"
import { differencesOf, fingerprintOf } from "../../src/baseline/Expectations.ts"
import { repairOf } from "../../src/baseline/Repair.ts"
import { timescaleCatalog } from "../support/CatalogFixture.ts"
import { catalogOfFixture, withAggregate, withHypertable, withoutTables } from "../support/CatalogOfFixture.ts"

const whole = catalogOfFixture(timescaleCatalog)
const day = 86_400

const withoutHypertable = (name: string): Catalog => ({
  ...whole,
  hypertables: Record.remove(whole.hypertables, name)
})

const withoutAggregate = (name: string): Catalog => ({ ...whole, aggregates: Record.remove(whole.aggregates, name) })

const hourly = { start: 3 * 3600, end: 3600, every: 3600, scheduled: true }
const daily = { start: 3 * day, end: day, every: day, scheduled: true }
const dailyPolicy =
  "SELECT add_continuous_aggregate_policy('daily_shares', start_offset => INTERVAL '3 days', end_offset => INTERVAL '1 day', schedule_interval => INTERVAL '1 day')"

const left: ReadonlyArray<readonly [string, Catalog, string, string | null]> = [
  ["a hypertable that is a plain table", withoutHypertable("mining_events"), "hypertable mining_events", null],
  [
    "another chunk interval",
    withHypertable(whole, "shares", { chunk: 7 * day }),
    "hypertable shares",
    "a hypertable by time in chunks of 7 days"
  ],
  [
    "another time column",
    withHypertable(whole, "rate_limit_events", { timeColumn: "at" }),
    "hypertable rate_limit_events",
    "a hypertable by at in chunks of 1 day"
  ],
  [
    "other compression",
    withHypertable(whole, "shares", { compression: { segmentBy: "worker_name", orderBy: "time DESC" } }),
    "compression of shares",
    "segmented by worker_name, ordered by time DESC"
  ],
  [
    "a later compression",
    withHypertable(whole, "shares", { compressionPolicy: { after: 14 * day, scheduled: true } }),
    "compression policy of shares",
    "after 14 days"
  ],
  [
    "a shorter retention",
    withHypertable(whole, "shares", { retentionPolicy: { after: 30 * day, scheduled: true } }),
    "retention policy of shares",
    "after 30 days"
  ],
  [
    "a retention that is paused",
    withHypertable(whole, "mining_events", { retentionPolicy: { after: 30 * day, scheduled: false } }),
    "retention policy of mining_events",
    "after 30 days, paused"
  ],
  [
    "another refresh",
    withAggregate(whole, "hourly_shares", { refresh: { ...hourly, start: 24 * 3600 } }),
    "refresh policy of hourly_shares",
    "from 1 day ago to 1 hour ago, every 1 hour"
  ],
  [
    "a refresh that is not the repair's",
    withAggregate(whole, "daily_shares", { refresh: { ...daily, start: null } }),
    "refresh policy of daily_shares",
    "from the beginning to 1 day ago, every 1 day"
  ],
  [
    "an aggregate over other rows",
    withAggregate(whole, "hourly_shares", { definition: "SELECT 1 AS bucket;" }),
    "continuous aggregate hourly_shares",
    "SELECT 1 AS bucket"
  ],
  [
    "a view in the place of an aggregate",
    { ...withoutAggregate("daily_shares"), others: { daily_shares: "a view" } },
    "continuous aggregate daily_shares",
    "a view"
  ]
]

const repaired: ReadonlyArray<readonly [string, Catalog, string, ReadonlyArray<RegExp>]> = [
  [
    "no compression policy",
    withHypertable(whole, "mining_events", { compressionPolicy: null }),
    "compression policy of mining_events",
    [/^SELECT add_compression_policy\('mining_events', INTERVAL '3 days'\)$/]
  ],
  [
    "no compression",
    withHypertable(whole, "shares", { compression: null }),
    "compression of shares",
    [/^ALTER TABLE shares SET \(timescaledb\.compress, .*segmentby = 'btc_address', .*orderby = 'time DESC'\)$/]
  ],
  [
    "no retention policy",
    withHypertable(whole, "rate_limit_events", { retentionPolicy: null }),
    "retention policy of rate_limit_events",
    [/^SELECT add_retention_policy\('rate_limit_events', INTERVAL '14 days'\)$/]
  ],
  [
    "no refresh policy",
    withAggregate(whole, "hourly_shares", { refresh: null }),
    "refresh policy of hourly_shares",
    [/^SELECT add_continuous_aggregate_policy\('hourly_shares', start_offset => INTERVAL '3 hours'/]
  ],
  [
    "no hourly aggregate",
    withoutAggregate("hourly_shares"),
    "continuous aggregate hourly_shares",
    [/^CREATE MATERIALIZED VIEW hourly_shares /, /^SELECT add_continuous_aggregate_policy\('hourly_shares'/]
  ]
]

describe("a changed TimescaleDB object", () => {
  it.each(left)("%s is reported and left unchanged", (_, catalog, object, found) => {
    const differences = differencesOf(catalog)
    assert.deepStrictEqual(
      differences.map(({ found, object, severity }) => ({ found, object, severity })),
      [{ found, object, severity: "warning" }]
    )
    const { manual, statements } = repairOf(catalog)
    assert.deepStrictEqual(manual, differences)
    assert.deepStrictEqual(
      statements.filter(({ sql }) => sql !== dailyPolicy),
      []
    )
    assert.notStrictEqual(fingerprintOf(catalog), fingerprintOf(whole))
  })
})

describe("a missing TimescaleDB object", () => {
  it.each(repaired)("%s is reported and created", (_, catalog, object, statements) => {
    assert.deepStrictEqual(
      differencesOf(catalog).map(({ object, problem, severity }) => [severity, problem, object]),
      [["warning", "missing", object]]
    )
    const repair = repairOf(catalog)
    const made = repair.statements.filter((statement) => statement.object === object).map(({ sql }) => sql)
    assert.strictEqual(made.length, statements.length)
    for (const [index, pattern] of statements.entries()) assert.match(made[index] ?? "", pattern)
    assert.deepStrictEqual(repair.manual, [])
    assert.notStrictEqual(fingerprintOf(catalog), fingerprintOf(whole))
  })

  it("is not created if it is an aggregate on a plain table", () => {
    const plain = { ...withoutAggregate("hourly_shares"), hypertables: withoutHypertable("shares").hypertables }
    const { manual, statements } = repairOf(plain)
    assert.deepStrictEqual(
      manual.map(({ object }) => object),
      ["hypertable shares", "continuous aggregate hourly_shares"]
    )
    assert.deepStrictEqual(statements, [{ object: "refresh policy of daily_shares", sql: dailyPolicy }])
  })

  it("is not a difference if it is the refresh policy that TimescaleDB rejects, but a repair creates it", () => {
    assert.deepStrictEqual(differencesOf(whole), [])
    assert.deepStrictEqual(repairOf(whole), {
      statements: [{ object: "refresh policy of daily_shares", sql: dailyPolicy }],
      manual: []
    })
    const complete = withAggregate(whole, "daily_shares", { refresh: daily })
    assert.deepStrictEqual(differencesOf(complete), [])
    assert.deepStrictEqual(repairOf(complete), { statements: [], manual: [] })
  })

  it("is reported and created for a database whose init script stopped at its first error", () => {
    const half = withoutTables(whole, "rate_limit_events", "schema_migrations")
    assert.deepStrictEqual(
      differencesOf({ ...half, hypertables: Record.remove(half.hypertables, "rate_limit_events") }).map(
        ({ object, severity }) => [severity, object]
      ),
      [
        ["warning", "table schema_migrations"],
        ["warning", "table rate_limit_events"]
      ]
    )
    assert.deepStrictEqual(
      repairOf(half).statements.map(({ sql }) => sql.split(/[ (]/).slice(0, 3).join(" ")),
      [
        "CREATE TABLE schema_migrations",
        "CREATE TABLE rate_limit_events",
        "SELECT create_hypertable 'rate_limit_events',",
        "CREATE INDEX idx_ratelimit_ip",
        "SELECT add_retention_policy 'rate_limit_events',",
        "SELECT add_continuous_aggregate_policy 'daily_shares',"
      ]
    )
  })
})
