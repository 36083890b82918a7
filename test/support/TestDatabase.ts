import { randomUUID } from "node:crypto"
import * as PgClient from "@effect/sql-pg/PgClient"
import { Effect, Exit, Redacted } from "effect"
import type { Layer, Scope } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql"
import { inject } from "vitest"
import { hostileStatements, isHostileRun } from "./HostileDefaults.ts"

/** A client in UTC, like the service's. Tests refer to tables of `public` without the schema. */
export const testClient = (
  url: Redacted.Redacted
): Layer.Layer<PgClient.PgClient | SqlClient.SqlClient, SqlError.SqlError> =>
  PgClient.layer({ url, maxConnections: 4, startupParameters: { timezone: "UTC", search_path: "public" } })

/** Statements on a server, outside test databases. */
const administered = (server: string, statements: ReadonlyArray<string>) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
  ).pipe(Effect.provide(testClient(Redacted.make(server))), Effect.orDie)

const urlOf = (server: string, name: string) => {
  const url = new URL(server)
  url.pathname = `/${name}`
  return Redacted.make(url.href)
}

export interface FreshDatabase {
  readonly url: Redacted.Redacted
  readonly name: string
}

/** A separate empty database, dropped at the end even if sessions are open. */
export const freshDatabaseOn = (
  server: string,
  options: { readonly encoding?: string; readonly isHostile?: boolean } = {}
): Effect.Effect<FreshDatabase, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.gen(function* () {
      const { encoding, isHostile = yield* isHostileRun } = options
      const name = `tbg_test_${randomUUID().replaceAll("-", "")}`
      const locale = encoding === undefined ? "" : ` ENCODING '${encoding}' LC_COLLATE 'C' LC_CTYPE 'C'`
      const create = `CREATE DATABASE ${name} TEMPLATE template0${locale}`
      yield* administered(server, [create, ...(isHostile ? hostileStatements(name) : [])])
      return { url: urlOf(server, name), name }
    }),
    ({ name }) => administered(server, [`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`])
  )

/** A fresh database on the run's shared server. */
export const freshDatabase = Effect.suspend(() => freshDatabaseOn(inject("postgres").url))

/** Database with hostile defaults in every run. */
export const hostileDatabase = Effect.suspend(() => freshDatabaseOn(inject("postgres").url, { isHostile: true }))

/**
 * Runs a test in a transaction and rolls it back. The test's own transactions become savepoints, and its outcome is
 * returned unchanged.
 */
export const withRollback = Effect.fnUntraced(function* <A, E, R>(
  test: Effect.Effect<A, E, R>
): Effect.fn.Return<A, E | SqlError.SqlError, R | SqlClient.SqlClient> {
  const sql = yield* SqlClient.SqlClient
  const outcome = yield* Effect.flip(sql.withTransaction(Effect.flatMap(Effect.exit(test), Effect.fail)))
  return yield* Exit.isExit(outcome) ? outcome : Effect.fail(outcome)
})
