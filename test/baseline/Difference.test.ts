import { assert, describe, it } from "@effect/vitest"
import { Record } from "effect"
import { describeDifference } from "../../src/baseline/Difference.ts"
import { differencesOf, expectationsOf } from "../../src/baseline/Expectations.ts"
import { plainCatalog, timescaleCatalog } from "../support/CatalogFixture.ts"
import { catalogOfFixture, withoutTables, withTable } from "../support/CatalogOfFixture.ts"

const plain = catalogOfFixture(plainCatalog)
const timescale = catalogOfFixture(timescaleCatalog)

describe("differences", () => {
  it("are empty for the catalog without TimescaleDB", () => {
    assert.deepStrictEqual(differencesOf(plain), [])
  })

  it("are empty for the catalog with TimescaleDB", () => {
    assert.deepStrictEqual(differencesOf(timescale), [])
  })

  it.each([plain, timescale])("have the kind of their object (%#)", (catalog) => {
    const expectations = expectationsOf(catalog)
    assert.isNotEmpty(expectations)
    assert.deepStrictEqual(
      expectations.filter(({ kind, object }) => !object.split(" ").includes(kind)),
      []
    )
  })

  it("do not include objects that others have added", () => {
    const more = withTable(plain, "users", (users) => ({
      ...users,
      columns: { ...users.columns, email: { type: "text", nullable: true, default: null } },
      constraints: { ...users.constraints, users_email_key: "UNIQUE (email)" },
      indexes: { ...users.indexes, idx_email: "CREATE INDEX idx_email ON users USING btree (email)" }
    }))
    assert.deepStrictEqual(differencesOf(more), [])
  })

  it("are errors for each missing core table, reported once per table", () => {
    const differences = differencesOf(withoutTables(plain, "workers", "mining_events"))
    assert.deepStrictEqual(
      differences.map(({ found, object, problem, severity }) => ({ object, severity, problem, found })),
      [
        { object: "table workers", severity: "blocking", problem: "missing", found: null },
        { object: "table mining_events", severity: "blocking", problem: "missing", found: null }
      ]
    )
  })

  it("are warnings for each missing table outside the core", () => {
    const differences = differencesOf(withoutTables(plain, "rate_limit_events", "schema_migrations"))
    assert.deepStrictEqual(
      differences.map(({ object, severity }) => ({ object, severity })),
      [
        { object: "table schema_migrations", severity: "warning" },
        { object: "table rate_limit_events", severity: "warning" }
      ]
    )
  })

  it("are errors for a missing column", () => {
    const without = withTable(plain, "shares", (shares) => ({
      ...shares,
      columns: Record.remove(shares.columns, "time")
    }))
    assert.deepStrictEqual(differencesOf(without), [
      {
        severity: "blocking",
        kind: "column",
        object: "column shares.time",
        problem: "missing",
        wanted: "timestamp with time zone NOT NULL",
        found: null
      }
    ])
  })

  it("are errors for a column of another type, even outside the core tables", () => {
    const retyped = withTable(plain, "rate_limit_events", (table) => ({
      ...table,
      columns: { ...table.columns, region: { type: "character varying(9)", nullable: true, default: "'eu'" } }
    }))
    assert.deepStrictEqual(differencesOf(retyped), [
      {
        severity: "blocking",
        kind: "column",
        object: "column rate_limit_events.region",
        problem: "different",
        wanted: "character varying(8)",
        found: "character varying(9)"
      }
    ])
  })

  it("are warnings for a column whose nullability differs", () => {
    const nullable = withTable(plain, "users", (table) => ({
      ...table,
      columns: { ...table.columns, btc_address: { type: "character varying(62)", nullable: true, default: null } }
    }))
    assert.deepStrictEqual(
      differencesOf(nullable).map(({ object, severity }) => ({ object, severity })),
      [{ object: "column users.btc_address", severity: "warning" }]
    )
  })

  it("are warnings for each missing constraint and index", () => {
    const bare = withTable(plain, "workers", (table) => ({ ...table, constraints: {}, indexes: {} }))
    assert.deepStrictEqual(
      differencesOf(bare).map(({ object, problem, severity }) => [severity, problem, object]),
      [
        ["warning", "missing", "constraint workers_pkey on workers"],
        ["warning", "missing", "constraint workers_user_id_fkey on workers"],
        ["warning", "missing", "index idx_workers_user_id on workers"],
        ["warning", "missing", "index idx_workers_online on workers"]
      ]
    )
  })

  it("are warnings for an index of the right name on other columns", () => {
    const other = "CREATE INDEX idx_blocks_user ON blocks USING btree (worker_id)"
    const changed = withTable(plain, "blocks", (table) => ({
      ...table,
      indexes: { ...table.indexes, idx_blocks_user: other }
    }))
    const [difference] = differencesOf(changed)
    assert.strictEqual(difference?.problem, "different")
    assert.strictEqual(difference?.found, other)
  })

  it("include the index that TimescaleDB creates only for a hypertable", () => {
    const without = withTable(timescale, "shares", ({ indexes, ...shares }) => ({
      ...shares,
      indexes: Record.remove(indexes, "shares_time_idx")
    }))
    const objects = (catalog: typeof timescale) => differencesOf(catalog).map(({ object }) => object)
    assert.deepStrictEqual(objects(without), ["index shares_time_idx on shares"])
    const { shares: _, ...hypertables } = without.hypertables
    assert.deepStrictEqual(objects({ ...without, hypertables }), ["hypertable shares"])
  })

  it("are printed on one line with the expected value", () => {
    const common = {
      severity: "blocking",
      kind: "column",
      object: "column users.id",
      wanted: "bigint NOT NULL"
    } as const
    assert.strictEqual(
      describeDifference({ ...common, problem: "missing", found: null }),
      "column users.id is missing; expected bigint NOT NULL"
    )
    assert.strictEqual(
      describeDifference({ ...common, problem: "different", found: "text" }),
      "column users.id is text; expected bigint NOT NULL"
    )
  })
})
