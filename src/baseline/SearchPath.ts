import { Effect, Schema } from "effect"
import { SqlClient, Statement } from "effect/sql"

/** Schema of this service's tables and functions (contract section 7). */
export const ownSchema = "tbg_api"

/** Hides a statement of the runner from `tbg migrate plan`, which lists only statements of migrations. */
export const unlisted = Effect.provideService(Statement.CurrentTransformer, undefined)

const decodePath = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ path: Schema.String })]))

/** Runs part of a transaction with another search path. A failure rolls back the transaction and the path. */
const withPath =
  (path: (sql: SqlClient.SqlClient) => Statement.Fragment) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const current = unlisted(sql`SELECT pg_catalog.current_setting('search_path') AS path`)
      const [before] = yield* Effect.orDie(Effect.flatMap(current, decodePath))
      yield* unlisted(sql`SELECT pg_catalog.set_config('search_path', ${path(sql)}, true)`)
      const value = yield* effect
      yield* unlisted(sql`SELECT pg_catalog.set_config('search_path', ${before.path}, true)`)
      return value
    })

/**
 * Runs an effect that reads or creates baseline tables, which are in the session's search path or in `public`. The path
 * omits `pg_catalog`, because Postgres then searches it first.
 */
export const inBaselineSchema = withPath(
  (sql) => sql`(
    SELECT pg_catalog.string_agg(pg_catalog.quote_ident(name), ', ' ORDER BY place)
    FROM (
      SELECT name, min(place) AS place
      FROM pg_catalog.unnest(pg_catalog.current_schemas(false) || name 'public') WITH ORDINALITY AS found (name, place)
      WHERE name NOT IN (${ownSchema}, 'pg_catalog') GROUP BY name
    ) schemas
  )`
)

/** Runs migrations; objects created with unqualified names go to our schema. */
export const inOwnSchema = withPath(
  (sql) => sql`pg_catalog.concat_ws(', ', ${ownSchema}::text, pg_catalog.current_setting('search_path'), 'public')`
)

/** Rolls back migrations; with only our schema in the path, no dropped name can be a table of another service. */
export const onlyInOwnSchema = withPath((sql) => sql`${ownSchema}`)

/** Settings that affect how Postgres prints definitions. */
const printing = JSON.stringify({
  quote_all_identifiers: "off",
  IntervalStyle: "postgres",
  DateStyle: "ISO, MDY",
  TimeZone: "UTC",
  bytea_output: "hex",
  extra_float_digits: "1"
})

/** Makes Postgres print definitions in the expected form for the rest of the transaction. */
export const pinPrinting = SqlClient.SqlClient.use(
  (sql) => sql`
    SELECT pg_catalog.set_config(key, value, true) FROM pg_catalog.json_each_text(${printing}::json)`
).pipe(unlisted)
