import { assert, describe, it } from "@effect/vitest"
import { creationStatements } from "../../src/baseline/Creation.ts"
import timescaleJson from "../fixtures/catalog.json" with { type: "json" }

const whole = (timescale: boolean) => creationStatements({ timescale, isPresent: () => false })
const text = (timescale: boolean) => whole(timescale).join("\n").replaceAll(/\s+/g, " ")

describe("creation", () => {
  it("does not mention TimescaleDB if it is not installed", () => {
    assert.notMatch(text(false), /timescaledb|hypertable|policy|time_bucket/)
  })

  it("has one statement per entry", () => {
    for (const statement of whole(true)) assert.notInclude(statement, ";")
  })

  it("writes no row", () => {
    assert.notMatch(text(true), /\b(insert|update|delete|truncate|copy|with data)\b/i)
  })

  it("skips a table that exists", () => {
    const statements = creationStatements({ timescale: true, isPresent: (table) => table === "rate_limit_events" })
    assert.notInclude(statements.join("\n"), "rate_limit_events")
  })

  it("creates each hypertable while its table is empty, before its indexes", () => {
    for (const [table, { chunk_interval, time_column }] of Object.entries(timescaleJson.hypertables)) {
      const made = `SELECT create_hypertable('${table}', '${time_column}', chunk_time_interval => INTERVAL '${chunk_interval}')`
      const statements = whole(true)
      assert.strictEqual(statements[statements.indexOf(made) - 1]?.startsWith(`CREATE TABLE ${table} (`), true)
    }
  })

  it("gives each hypertable the retention of the catalog", () => {
    for (const [table, { retention_policy }] of Object.entries(timescaleJson.hypertables)) {
      assert.include(text(true), `add_retention_policy('${table}', INTERVAL '${retention_policy.config.drop_after}')`)
    }
  })

  it("compresses each hypertable with the settings of the catalog", () => {
    const { mining_events, shares } = timescaleJson.hypertables
    for (const [table, { compression, compression_policy }] of Object.entries({ shares, mining_events })) {
      assert.include(text(true), `ALTER TABLE ${table} SET (timescaledb.compress,`)
      assert.include(text(true), `timescaledb.compress_segmentby = '${compression.segmentby}'`)
      assert.include(text(true), `timescaledb.compress_orderby = '${compression.orderby.replaceAll('"', "")}'`)
      assert.include(
        text(true),
        `add_compression_policy('${table}', INTERVAL '${compression_policy.config.compress_after}')`
      )
    }
    assert.notInclude(text(true), "ALTER TABLE rate_limit_events")
  })

  it("creates both aggregates with the columns of the catalog and no data", () => {
    for (const [view, { columns }] of Object.entries(timescaleJson.continuous_aggregates)) {
      const statement = whole(true).find((one) => one.startsWith(`CREATE MATERIALIZED VIEW ${view} `)) ?? ""
      const list = / AS SELECT (.*) FROM shares/.exec(statement)?.[1] ?? ""
      const names = list.split(/, (?!")/).map((column) => column.split(/ AS /).at(-1))
      assert.deepStrictEqual(
        names,
        columns.map(({ name }) => name)
      )
      assert.match(statement, /WITH NO DATA$/)
    }
  })

  it("starts the daily_shares refresh three days back, because TimescaleDB rejects two", () => {
    assert.include(
      text(true),
      "add_continuous_aggregate_policy('daily_shares', start_offset => INTERVAL '3 days', end_offset => INTERVAL '1 day'"
    )
    assert.include(
      text(true),
      "add_continuous_aggregate_policy('hourly_shares', start_offset => INTERVAL '3 hours', end_offset => INTERVAL '1 hour'"
    )
  })
})
