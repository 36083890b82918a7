import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { NodeFileSystem } from "@effect/platform-node"
import createTables from "../../migrations/0002_create_teams_keys_posts.ts"
import createFunctions from "../../migrations/0003_create_post_functions.ts"
import { migrationName } from "../../src/layers/migrations/History.ts"
import { migrationsIn } from "../../src/layers/migrations/Folder.ts"
import { migrationsFolder, ownMigrations } from "./OwnMigrations.ts"
import { run } from "./TestMigrations.ts"

const previousMigrations = new Set(["0001_baseline", "0002_create_teams_keys_posts", "0003_create_post_functions"])

/** Tables, functions and ledger of versions before migration 0004, in a schema of the search path. */
export const previousLayoutIn = (schema: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const steps = yield* Effect.provide(migrationsIn(migrationsFolder), NodeFileSystem.layer)
    yield* sql.withTransaction(
      Effect.gen(function* () {
        yield* run(`SET LOCAL search_path = ${schema}`)
        yield* createTables
        yield* createFunctions
        yield* run(`CREATE TABLE tbg_api_migrations (
          migration_id INTEGER PRIMARY KEY, created_at TIMESTAMPTZ NOT NULL DEFAULT now(), name TEXT NOT NULL,
          checksum TEXT, fingerprint TEXT, version TEXT, mode TEXT
        )`)
        yield* Effect.forEach(
          steps.filter((step) => previousMigrations.has(migrationName(step))),
          ({ checksum, id, name }) => {
            const record = { migration_id: id, name, checksum, version: "0.1.0", mode: "applied" }
            return sql`INSERT INTO tbg_api_migrations ${sql.insert(record)}`
          }
        )
      })
    )
  })

export const previousLayout = previousLayoutIn("public")

export const previousTables = ["teams", "api_keys", "posts", "post_counts", "idempotency_keys"]

/** Migrations that such a database lacks. */
export const laterMigrations = Effect.map(ownMigrations, (steps) =>
  steps.filter((step) => !previousMigrations.has(step))
)

/** Every row of the five tables in a schema, with its location and transaction. */
export const rowsIn = (schema: string) =>
  Effect.forEach(previousTables, (table) =>
    run(
      `SELECT '${table}' AS table, ctid::text, xmin::text, to_jsonb(t) AS row FROM ${schema}.${table} t ORDER BY ctid`
    )
  )
