import { Clock, Duration, Effect, Result, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { databaseAdvice } from "../../layers/Advice.ts"
import { AppConfig, describeDatabase } from "../../layers/AppConfig.ts"
import { Database } from "../../layers/Database.ts"
import { hasState } from "../../baseline/Snapshot.ts"
import type { Migrations } from "../../layers/Migrations.ts"
import { failed, ok, skipped, warning } from "./Check.ts"
import type { Check, Finding } from "./Check.ts"
import { defaults, encoding } from "./Defaults.ts"
import { rights, role } from "./Role.ts"
import { drift, steps } from "./Schema.ts"
import { keys, writes } from "./Writes.ts"

type PostgresCheck = Check<AppConfig | Database | Migrations | SqlClient.SqlClient>

/** Milliseconds; each request that asks the database waits for as long, at the least. */
const slow = 50

/** Gives the same for any server that answers. */
export const latencyOf = (where: string, millis: number): Finding => {
  const words = `${where} answers in ${millis.toFixed(1)} ms`
  return millis > slow ? warning(words, "run the service near it: each request waits for that") : ok(words)
}

/** Startup parameters that PgBouncer refuses unless `ignore_startup_parameters` lists them. */
const parameters = "statement_timeout,lock_timeout,idle_in_transaction_session_timeout"

const protocolViolation = "08P01"

/** Error code of a pooler that refuses a startup parameter. */
const refusesParameters = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT 1`).pipe(
  Effect.as(false),
  Effect.catch((error) => Effect.succeed(hasState(error, protocolViolation)))
)

export const answers: PostgresCheck = {
  name: "database",
  look: Effect.gen(function* () {
    const { database } = yield* AppConfig
    const { probe } = yield* Database
    const first = yield* Effect.result(probe)
    if (Result.isFailure(first)) {
      if (first.failure.fault === "unreachable" && (yield* refusesParameters)) {
        return failed(
          `${describeDatabase(database.target)} refuses the startup parameters ${parameters}, as PgBouncer does`,
          `set ignore_startup_parameters = ${parameters} in pgbouncer.ini`
        )
      }
      const { fix, problem } = databaseAdvice(database.target, first.failure)
      return failed(problem, fix)
    }
    // The first one also opened the session.
    const [took] = yield* Effect.timed(probe)
    return latencyOf(describeDatabase(database.target), Duration.toMillis(took))
  })
}

const decodeVersion = Schema.decodeUnknownEffect(
  Schema.Tuple([Schema.Struct({ version: Schema.String, number: Schema.Int })])
)

const version: PostgresCheck = {
  name: "database version",
  look: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const [{ number, version }] = yield* Effect.flatMap(
      sql`SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number`,
      decodeVersion
    )
    return number >= 140_000
      ? ok(`PostgreSQL ${version}`)
      : failed(`PostgreSQL ${version} is too old`, "upgrade it to PostgreSQL 14 or newer")
  })
}

const decodeMost = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ most: Schema.Int })]))

const sessions: PostgresCheck = {
  name: "database sessions",
  look: Effect.gen(function* () {
    const { database, rateLimit } = yield* AppConfig
    if (database.target._tag === "Embedded") return ok("embedded: the process is the only one that has any")
    const sql = yield* SqlClient.SqlClient
    const [{ most }] = yield* Effect.flatMap(
      sql`
        SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS most`,
      decodeMost
    )
    const wanted = database.poolMax * rateLimit.replicas
    const words = `${wanted} at most (TBG_DATABASE_POOL_MAX × TBG_REPLICAS), of the ${most} that the server has`
    return wanted <= most ? ok(words) : warning(words, "lower TBG_DATABASE_POOL_MAX, or raise max_connections")
  })
}

const decodeExtension = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ version: Schema.String })))

const timescale: PostgresCheck = {
  name: "TimescaleDB",
  look: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const [extension] = yield* Effect.flatMap(
      sql`SELECT extversion AS version FROM pg_extension WHERE extname = 'timescaledb'`,
      decodeExtension
    )
    return ok(extension?.version ?? "not there: hypertables, policies and aggregates are not expected")
  })
}

const decodeClock = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ millis: Schema.Finite })]))

/** Milliseconds. */
const mayDiffer = 1000

const clock: PostgresCheck = {
  name: "database clock",
  look: Effect.gen(function* () {
    const { database } = yield* AppConfig
    if (database.target._tag === "Embedded") return skipped("the embedded database has the clock of this machine")
    const sql = yield* SqlClient.SqlClient
    const before = yield* Clock.currentTimeMillis
    const [{ millis }] = yield* Effect.flatMap(
      sql`SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS millis`,
      decodeClock
    )
    const after = yield* Clock.currentTimeMillis
    return clockFinding(millis - (before + after) / 2)
  })
}

/** For a clock that is so many milliseconds ahead of this machine's. */
export const clockFinding = (ahead: number): Finding => {
  const difference = Math.abs(ahead)
  const words = `${(difference / 1000).toFixed(1)} s ${ahead < 0 ? "behind" : "ahead of"} this machine's`
  if (difference <= mayDiffer) return ok("within a second of this machine's")
  return warning(words, "set both by NTP: posts and the expiry of keys have this machine's time")
}

/** Checks that need a reachable server. */
export const postgresChecks: ReadonlyArray<PostgresCheck> = [
  version,
  encoding,
  defaults,
  sessions,
  role,
  rights,
  writes,
  timescale,
  steps,
  drift,
  keys,
  clock
]
