import { assert, describe, it } from "@effect/vitest"
import { Record } from "effect"
import { differencesOf, describeDifference } from "../../src/baseline/Difference.ts"
import { expectationsOf } from "../../src/baseline/Expectations.ts"
import { plainCatalog, timescaleCatalog } from "../support/CatalogFixture.ts"
import { foundCatalog, withoutTables, withTable } from "../support/FoundCatalog.ts"

const plain = foundCatalog(plainCatalog)
const timescale = foundCatalog(timescaleCatalog)

describe("differences", () => {
  it("are none on the catalog without TimescaleDB", () => {
    assert.deepStrictEqual(differencesOf(plain), [])
  })

  it("are none on the catalog with TimescaleDB", () => {
    assert.deepStrictEqual(differencesOf(timescale), [])
  })

  it.each([plain, timescale])("are of the kind that their object says (%#)", (catalog) => {
    const expectations = expectationsOf(catalog)
    assert.isNotEmpty(expectations)
    assert.deepStrictEqual(
      expectations.filter(({ kind, object }) => !object.split(" ").includes(kind)),
      []
    )
  })

  it("are none for what others have added", () => {
    const more = withTable(plain, "users", (users) => ({
      ...users,
      columns: { ...users.columns, email: { type: "text", nullable: true, default: null } },
      constraints: { ...users.constraints, users_email_key: "UNIQUE (email)" },
      indexes: { ...users.indexes, idx_email: "CREATE INDEX idx_email ON users USING btree (email)" }
    }))
    assert.deepStrictEqual(differencesOf(more), [])
  })

  it("block on each missing core table, and only on the table", () => {
    const differences = differencesOf(withoutTables(plain, "workers", "mining_events"))
    assert.deepStrictEqual(
      differences.map(({ found, object, problem, severity }) => ({ object, severity, problem, found })),
      [
        { object: "table workers", severity: "blocking", problem: "missing", found: null },
        { object: "table mining_events", severity: "blocking", problem: "missing", found: null }
      ]
    )
  })

  it("warn of each missing table that is not core", () => {
    const differences = differencesOf(withoutTables(plain, "rate_limit_events", "schema_migrations"))
    assert.deepStrictEqual(
      differences.map(({ object, severity }) => ({ object, severity })),
      [
        { object: "table schema_migrations", severity: "warning" },
        { object: "table rate_limit_events", severity: "warning" }
      ]
    )
  })

  it("block on a missing column", () => {
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

  it("block on a column of another type, even in a table that is not core", () => {
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

  it("warn of a column that may be null otherwise", () => {
    const nullable = withTable(plain, "users", (table) => ({
      ...table,
      columns: { ...table.columns, btc_address: { type: "character varying(62)", nullable: true, default: null } }
    }))
    assert.deepStrictEqual(
      differencesOf(nullable).map(({ object, severity }) => ({ object, severity })),
      [{ object: "column users.btc_address", severity: "warning" }]
    )
  })

  it("warn of each missing constraint and index", () => {
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

  it("warn of an index of the right name over something else", () => {
    const other = "CREATE INDEX idx_blocks_user ON blocks USING btree (worker_id)"
    const changed = withTable(plain, "blocks", (table) => ({
      ...table,
      indexes: { ...table.indexes, idx_blocks_user: other }
    }))
    const [difference] = differencesOf(changed)
    assert.strictEqual(difference?.problem, "different")
    assert.strictEqual(difference?.found, other)
  })

  it("want the index that TimescaleDB makes only of a hypertable", () => {
    const without = withTable(timescale, "shares", ({ indexes, ...shares }) => ({
      ...shares,
      indexes: Record.remove(indexes, "shares_time_idx")
    }))
    const objects = (catalog: typeof timescale) => differencesOf(catalog).map(({ object }) => object)
    assert.deepStrictEqual(objects(without), ["index shares_time_idx on shares"])
    const { shares: _, ...hypertables } = without.hypertables
    assert.deepStrictEqual(objects({ ...without, hypertables }), ["hypertable shares"])
  })

  it("are told in one line with what is wanted", () => {
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
