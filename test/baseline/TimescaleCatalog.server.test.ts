import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { liveCatalog } from "../../src/baseline/Catalog.ts"
import { differencesOf } from "../../src/baseline/Expectations.ts"
import { inBaselineSchema } from "../../src/baseline/SearchPath.ts"
import { inSnapshot } from "../../src/baseline/Snapshot.ts"
import { timescaleObjects } from "../../src/baseline/TimescaleCatalog.ts"
import { existingDatabase, runAll } from "../support/Catalog.ts"
import { timescaleCatalog } from "../support/CatalogFixture.ts"
import { catalogOfFixture } from "../support/CatalogOfFixture.ts"
import { onFreshDatabase } from "../support/TestMigrations.ts"
import { timescaleViews } from "../support/TimescaleViews.ts"

const afterwards = (statements: ReadonlyArray<string>) =>
  onFreshDatabase(
    Effect.gen(function* () {
      yield* existingDatabase(timescaleCatalog)
      yield* runAll([...timescaleViews, ...statements])
      const [plain, objects] = yield* inSnapshot(Effect.all([liveCatalog, inBaselineSchema(timescaleObjects)]))
      return { ...plain, ...objects, timescale: true }
    })
  )

const objectsAfter = (...statements: ReadonlyArray<string>) =>
  Effect.map(afterwards(statements), (catalog) => differencesOf(catalog).map(({ object }) => object))

describe("the catalog read from TimescaleDB's views", () => {
  it.effect("equals the catalog of the init script", () =>
    Effect.gen(function* () {
      const found = yield* afterwards([])
      const { aggregates, hypertables } = catalogOfFixture(timescaleCatalog)
      assert.deepStrictEqual(
        { aggregates: found.aggregates, hypertables: found.hypertables },
        { aggregates, hypertables }
      )
      assert.deepStrictEqual(differencesOf(found), [])
    })
  )

  it.effect("includes a refresh policy that is listed under its view, as in newer versions", () =>
    Effect.gen(function* () {
      const move = `UPDATE timescaledb_information.jobs SET hypertable_schema = 'public', hypertable_name = 'hourly_shares'
        WHERE proc_name = 'policy_refresh_continuous_aggregate'`
      assert.deepStrictEqual(yield* objectsAfter(move), [])
      const remove = "DELETE FROM timescaledb_information.jobs WHERE proc_name = 'policy_refresh_continuous_aggregate'"
      assert.deepStrictEqual(yield* objectsAfter(remove), ["refresh policy of hourly_shares"])
    })
  )

  const second = (start: string, scheduled = true) => `
    INSERT INTO timescaledb_information.jobs (proc_name, schedule_interval, scheduled, config, hypertable_schema,
      hypertable_name)
    SELECT proc_name, schedule_interval, ${scheduled}, config || '{"start_offset": "${start}"}', hypertable_schema,
      hypertable_name
    FROM timescaledb_information.jobs WHERE proc_name = 'policy_refresh_continuous_aggregate'`
  const removeFirst =
    "DELETE FROM timescaledb_information.jobs WHERE job_id = (SELECT min(job_id) FROM timescaledb_information.jobs " +
    "WHERE proc_name = 'policy_refresh_continuous_aggregate')"

  it.effect.each([
    ["after it", [second("30 days")], []],
    ["before it", [second("30 days"), removeFirst, second("03:00:00")], []],
    ["of other offsets alone", [second("30 days"), removeFirst], ["refresh policy of hourly_shares"]],
    ["that is paused", [second("03:00:00", false), removeFirst], ["refresh policy of hourly_shares"]]
  ] as const)("matches the expected refresh policy among several: one %s", ([, statements, differences]) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* objectsAfter(...statements), [...differences])
    })
  )

  it.effect("ignores a hypertable of the same name in another schema", () =>
    Effect.gen(function* () {
      const found = yield* objectsAfter(
        "CREATE SCHEMA other",
        "CREATE TABLE other.shares ()",
        "UPDATE timescaledb_information.dimensions SET hypertable_schema = 'other' WHERE hypertable_name = 'shares'"
      )
      assert.include(found, "hypertable shares")
    })
  )

  it.effect("includes the compression settings", () =>
    Effect.gen(function* () {
      const found = yield* objectsAfter(
        "UPDATE timescaledb_information.compression_settings SET orderby_nullsfirst = NOT orderby_nullsfirst"
      )
      assert.deepStrictEqual(found, ["compression of shares", "compression of mining_events"])
    })
  )
})
