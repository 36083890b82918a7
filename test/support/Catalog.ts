import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { constraintsOf } from "./CatalogFixture.ts"
import type { CatalogFixture } from "./CatalogFixture.ts"

/**
 * Statements that create the catalog of a fixture on an empty database, independent of the program's declaration. For
 * TimescaleDB, they create what plain Postgres supports: its indexes, not its hypertables.
 */
export const catalogStatements = ({ sequences, tables }: CatalogFixture): ReadonlyArray<string> => {
  const byTable = Object.entries(tables)
  const columnOf = ({ default: value, name, nullable, type }: CatalogFixture["tables"][string]["columns"][number]) =>
    [`"${name}"`, type, ...(nullable ? [] : ["NOT NULL"]), ...(value === null ? [] : [`DEFAULT ${value}`])].join(" ")
  const constraints = byTable.flatMap(([table, found]) =>
    Object.entries(constraintsOf(found)).map(
      ([name, definition]) => `ALTER TABLE ${table} ADD CONSTRAINT ${name} ${definition}`
    )
  )
  const isForeign = (statement: string) => statement.includes("FOREIGN KEY")
  return [
    ...sequences.map(({ name, type }) => `CREATE SEQUENCE ${name} AS ${type}`),
    ...byTable.map(([table, { columns }]) => `CREATE TABLE ${table} (${columns.map(columnOf).join(", ")})`),
    ...sequences.map(({ name, owned_by }) => `ALTER SEQUENCE ${name} OWNED BY ${owned_by}`),
    ...constraints.filter((statement) => !isForeign(statement)),
    ...constraints.filter(isForeign),
    ...byTable.flatMap(([, { indexes }]) =>
      indexes.filter((index) => index.backs_constraint === null).map(({ definition }) => definition)
    )
  ]
}

/** A few rows per table, with values that a copy could lose: microseconds, NULLs, JSON, high ids. */
export const sampleRows: ReadonlyArray<string> = [
  `INSERT INTO users (btc_address, display_name, country_code, created_at) VALUES
    ('bc1qfirst', 'Dev Miner', 'PT', '2025-01-02 03:04:05.678901+00'), ('bc1qsecond', NULL, NULL, NULL)`,
  `INSERT INTO users (id, btc_address) VALUES (9223372036854775806, 'bc1qlast')`,
  `INSERT INTO workers (user_id, worker_name, hashrate_1m, is_online) VALUES (1, 'rig', 'Infinity', true), (2, '', 0, false)`,
  `INSERT INTO shares (time, btc_address, difficulty, share_diff, ip_address) VALUES
    ('2025-01-02 03:04:05.000001+00', 'bc1qfirst', 1e-300, 1.7976931348623157e308, '2001:db8::1/64'),
    ('2025-01-02 03:04:05.000001+00', 'bc1qfirst', 1, 2, NULL)`,
  `INSERT INTO blocks (block_height, block_hash, user_id, worker_id, reward_btc) VALUES (840000, 'hash', 1, 1, 3.12500000)`,
  `INSERT INTO weekly_best_diff (user_id, btc_address, week_start, best_difficulty) VALUES (1, 'bc1qfirst', '2025-01-06', 42)`,
  `INSERT INTO mining_events (ts, event_type, payload) VALUES ('2025-01-02 03:04:05.5+00', 'share', '{"user":"bc1qfirst"}')`,
  `INSERT INTO schema_migrations (version, name) VALUES (1, 'initial_schema')`,
  `INSERT INTO rate_limit_events (ts, ip_address, event_type) VALUES (now(), '192.0.2.1', 'blocked')`
]

/** Runs statements one by one, because the driver rejects several. */
export const runAll = (statements: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
  })

/** The database of an installation: the catalog of the fixture, with rows. */
export const existingDatabase = (fixture: CatalogFixture) => runAll([...catalogStatements(fixture), ...sampleRows])
