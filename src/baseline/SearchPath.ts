import { Effect, Schema } from "effect"
import { SqlClient, Statement } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"

/** Holds every table and function of this service, and its ledger (contract section 7). */
export const ownSchema = "tbg_api"

/** Keeps a statement of the runner out of `tbg migrate plan`, which lists only those of migrations. */
export const unlisted = Effect.provideService(Statement.CurrentTransformer, undefined)

type Path = Effect.Effect<string, SqlError, SqlClient.SqlClient>

const decodePath = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ path: Schema.String })]))

const pathOf = (select: (sql: SqlClient.SqlClient) => Effect.Effect<unknown, SqlError>): Path =>
  Effect.flatMap(SqlClient.SqlClient, select).pipe(
    Effect.flatMap((rows) => Effect.orDie(decodePath(rows))),
    Effect.map(([{ path }]) => path),
    unlisted
  )

const currentPath = pathOf((sql) => sql`SELECT pg_catalog.current_setting('search_path') AS path`)

/** The session's own path plus `public`, without `pg_catalog`, which is then searched first. */
const baselinePath = pathOf(
  (sql) => sql`
    SELECT pg_catalog.string_agg(pg_catalog.quote_ident(name), ', ' ORDER BY place) AS path
    FROM (
      SELECT name, min(place) AS place
      FROM pg_catalog.unnest(pg_catalog.current_schemas(false) || name 'public') WITH ORDINALITY AS found (name, place)
      WHERE name NOT IN (${ownSchema}, 'pg_catalog') GROUP BY name
    ) schemas`
)

const setPath = (path: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT pg_catalog.set_config('search_path', ${path}, true)`).pipe(
    unlisted
  )

/** Runs part of a transaction with another search path. A failure rolls the transaction back, and the path with it. */
const withPath = Effect.fnUntraced(function* <A, E, R>(path: Path, effect: Effect.Effect<A, E, R>) {
  const before = yield* currentPath
  yield* setPath(yield* path)
  const value = yield* effect
  yield* setPath(before)
  return value
})

/** Settings that change how Postgres prints definitions, with the values that our expectations assume. */
const printing = JSON.stringify({
  quote_all_identifiers: "off",
  IntervalStyle: "postgres",
  DateStyle: "ISO, MDY",
  TimeZone: "UTC",
  bytea_output: "hex",
  extra_float_digits: "1"
})

/** Makes definitions print in the expected form for the rest of the transaction, whatever the defaults. */
export const pinPrinting = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql`
    SELECT pg_catalog.set_config(key, value, true) FROM pg_catalog.json_each_text(${printing}::json)`
).pipe(unlisted)

/** Runs an effect that reads or creates baseline tables, found along the search path and in `public`. */
export const inBaselineSchema = <A, E, R>(effect: Effect.Effect<A, E, R>) => withPath(baselinePath, effect)

/** Runs migrations; objects created with unqualified names go to our schema. */
export const inOwnSchema = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  withPath(
    Effect.map(currentPath, (path) => `${ownSchema}, ${path}, public`),
    effect
  )

/** Rolls back migrations; with only our schema in the path, no dropped name can be a table of another service. */
export const onlyInOwnSchema = <A, E, R>(effect: Effect.Effect<A, E, R>) => withPath(Effect.succeed(ownSchema), effect)
