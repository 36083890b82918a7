import { Clock, Duration, Effect, Result, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { databaseEncoding, requiredEncoding } from "../../baseline/Baseline.ts"
import { hasState } from "../../baseline/Snapshot.ts"
import { databaseAdvice } from "../../layers/Advice.ts"
import { AppConfig, describeDatabase } from "../../layers/AppConfig.ts"
import { Database } from "../../layers/Database.ts"
import type { Migrations } from "../../layers/Migrations.ts"
import { failed, failedBy, latencyFinding, ok, queryRow, skipped, warning } from "./Check.ts"
import type { Checks, Finding } from "./Check.ts"
import { miningChecks } from "./Mining.ts"
import { rights, role } from "./Role.ts"
import { drift, migrations } from "./Schema.ts"
import { keys, writes } from "./Writes.ts"

/** Startup parameters that PgBouncer rejects unless `ignore_startup_parameters` lists them. */
const parameters = "statement_timeout,lock_timeout,idle_in_transaction_session_timeout"

const protocolViolation = "08P01"

/** Whether a pooler rejects the startup parameters. */
const rejectsParameters = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT 1`).pipe(
  Effect.match({ onSuccess: () => false, onFailure: (error) => hasState(error, protocolViolation) })
)

export const databaseConnection = Effect.gen(function* () {
  const { database } = yield* AppConfig
  const { probe } = yield* Database
  const first = yield* Effect.result(probe)
  if (Result.isFailure(first)) {
    if (first.failure.fault === "unreachable" && (yield* rejectsParameters)) {
      return failed(
        `${describeDatabase(database.target)} refuses the startup parameters ${parameters}, as PgBouncer does`,
        `set ignore_startup_parameters = ${parameters} in pgbouncer.ini`
      )
    }
    return failedBy(databaseAdvice(database.target, first.failure))
  }
  // The first probe also opened the session.
  const [took] = yield* Effect.timed(probe)
  return latencyFinding(describeDatabase(database.target), Duration.toMillis(took))
})

const version = Effect.gen(function* () {
  const { number, version } = yield* queryRow(
    Schema.Struct({ version: Schema.String, number: Schema.Int }),
    (sql) =>
      sql`SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number`
  )
  return number >= 140_000
    ? ok(`PostgreSQL ${version}`)
    : failed(`PostgreSQL ${version} is too old`, "upgrade it to PostgreSQL 14 or newer")
})

export const encodingFinding = (encoding: string): Finding =>
  encoding === requiredEncoding
    ? ok(encoding)
    : failed(
        `${encoding}, which cannot store every character of a post`,
        `copy the data to a database created with CREATE DATABASE … ENCODING '${requiredEncoding}' TEMPLATE template0`
      )

const encoding = Effect.map(databaseEncoding, encodingFinding)

const Defaults = Schema.Struct({
  database: Schema.String,
  isolation: Schema.String,
  replication: Schema.String,
  statementTimeout: Schema.String
})

/** Defaults that harm the service: whether the database has them, the problem, and the setting that fixes it. */
const harmful = ({ isolation, replication, statementTimeout }: typeof Defaults.Type) =>
  [
    [
      replication !== "origin",
      `session_replication_role is ${replication}: triggers and foreign keys are disabled`,
      "session_replication_role = 'origin'"
    ],
    [
      isolation !== "read committed",
      `default_transaction_isolation is ${isolation}: conflicting statements are retried or get 503`,
      "default_transaction_isolation = 'read committed'"
    ],
    [
      statementTimeout === "0",
      "statement_timeout is 0: a pooler drops the value of TBG_DATABASE_STATEMENT_TIMEOUT_MS",
      "statement_timeout = '8s'"
    ]
  ] as const

export const defaultsFinding = (settings: typeof Defaults.Type): Finding => {
  const problems = harmful(settings).filter(([isHarmful]) => isHarmful)
  if (problems.length === 0) return ok("no harmful defaults")
  const what = problems.map(([, problem]) => problem).join("; ")
  const fix = problems.map(([, , setting]) => `ALTER DATABASE "${settings.database}" SET ${setting}`).join("; ")
  // Without triggers the counts of posts become wrong.
  return settings.replication === "origin" ? warning(what, fix) : failed(what, fix)
}

const defaults = Effect.gen(function* () {
  const { database } = yield* AppConfig
  if (database.target._tag === "Embedded") return skipped("the embedded database has the defaults of Postgres")
  const settings = yield* queryRow(
    Defaults,
    (sql) => sql`
      SELECT current_database() AS database,
        current_setting('default_transaction_isolation') AS isolation,
        current_setting('session_replication_role') AS replication,
        current_setting('statement_timeout') AS "statementTimeout"`
  )
  return defaultsFinding(settings)
})

const sessions = Effect.gen(function* () {
  const { database, rateLimit } = yield* AppConfig
  if (database.target._tag === "Embedded") return ok("embedded: only this process has sessions")
  const { limit } = yield* queryRow(
    Schema.Struct({ limit: Schema.Int }),
    (sql) => sql`
      SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS limit`
  )
  const needed = database.poolMax * rateLimit.replicas
  const words = `up to ${needed} needed (TBG_DATABASE_POOL_MAX × TBG_REPLICAS); the server allows ${limit}`
  return needed <= limit ? ok(words) : warning(words, "lower TBG_DATABASE_POOL_MAX, or raise max_connections")
})

const timescale = Effect.gen(function* () {
  const { version } = yield* queryRow(
    Schema.Struct({ version: Schema.NullOr(Schema.String) }),
    (sql) => sql`SELECT (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb') AS version`
  )
  return ok(version ?? "not installed; hypertables, policies and aggregates are not expected")
})

const toleranceMs = 1000

const clock = Effect.gen(function* () {
  const { database } = yield* AppConfig
  if (database.target._tag === "Embedded") return skipped("the embedded database uses the clock of this machine")
  const before = yield* Clock.currentTimeMillis
  const { millis } = yield* queryRow(
    Schema.Struct({ millis: Schema.Finite }),
    (sql) => sql`SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS millis`
  )
  const after = yield* Clock.currentTimeMillis
  return clockFinding(millis - (before + after) / 2)
})

/** @param ahead milliseconds by which the database clock is ahead of this machine's */
export const clockFinding = (ahead: number): Finding => {
  const difference = Math.abs(ahead)
  const words = `${(difference / 1000).toFixed(1)} s ${ahead < 0 ? "behind" : "ahead of"} this machine's`
  if (difference <= toleranceMs) return ok("within a second of this machine's")
  return warning(words, "synchronize both with NTP; posts and key expiry use the time of this machine")
}

export const postgresChecks: Checks<AppConfig | Database | Migrations | SqlClient.SqlClient> = {
  "database version": version,
  "database encoding": encoding,
  "database defaults": defaults,
  "database sessions": sessions,
  "database role": role,
  "database rights": rights,
  "database writes": writes,
  TimescaleDB: timescale,
  migrations,
  drift,
  "API keys": keys,
  "database clock": clock,
  ...miningChecks
}
