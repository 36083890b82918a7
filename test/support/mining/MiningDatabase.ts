import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import createProjection from "../../../migrations/0009_create_mining_projection.ts"
import createAccounts from "../../../migrations/0010_create_accounts_sessions.ts"
import createRebuilds from "../../../migrations/0011_create_mining_rebuilds.ts"
import createTickets from "../../../migrations/0012_create_live_tickets.ts"
import createBoards from "../../../migrations/0013_create_weekly_boards.ts"
import { tableStatements } from "../../../src/baseline/Creation.ts"
import { freshDatabase, testClient } from "../TestDatabase.ts"

const ownersTables = ["users", "workers", "shares", "blocks"] as const

/** Creates the tables of the projection and of accounts, and those of the other service that mining reads, in the client's database. */
export const createMiningTables = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE SCHEMA IF NOT EXISTS tbg_api`
  const statements = ownersTables.flatMap((name) => tableStatements(name, false, "public."))
  yield* Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
  yield* createProjection
  yield* createAccounts
  yield* createRebuilds
  yield* createTickets
  yield* createBoards
}).pipe((create) => Effect.flatMap(SqlClient.SqlClient, (sql) => sql.withTransaction(create)))

/** Database of this test with those tables. */
export const miningDatabase = Effect.tap(freshDatabase, ({ url }) =>
  Effect.provide(createMiningTables, testClient(url))
)
