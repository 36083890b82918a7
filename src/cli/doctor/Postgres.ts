import { Clock, Duration, Effect, Result, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { databaseAdvice } from "../../layers/Advice.ts"
import { AppConfig, describeDatabase } from "../../layers/AppConfig.ts"
import { Database } from "../../layers/Database.ts"
import { hasState } from "../../baseline/Snapshot.ts"
import type { Migrations } from "../../layers/Migrations.ts"
import { failed, ok, queryRow, skipped, warning } from "./Check.ts"
import type { Check, Finding } from "./Check.ts"
import { defaults, encoding } from "./Defaults.ts"
import { rights, role } from "./Role.ts"
import { drift, migrations } from "./Schema.ts"
import { keys, writes } from "./Writes.ts"

type PostgresCheck = Check<AppConfig | Database | Migrations | SqlClient.SqlClient>

/** Round trip in milliseconds above which requests are noticeably slow. */
const slowMs = 50

export const latencyFinding = (where: string, millis: number): Finding => {
  const words = `${where} responds in ${millis.toFixed(1)} ms`
  return millis > slowMs ? warning(words, "run the service close to it, because every request waits for it") : ok(words)
}

/** Startup parameters that PgBouncer rejects unless `ignore_startup_parameters` lists them. */
const parameters = "statement_timeout,lock_timeout,idle_in_transaction_session_timeout"

const protocolViolation = "08P01"

/** Whether a pooler rejects the startup parameters. */
const rejectsParameters = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT 1`).pipe(
  Effect.as(false),
  Effect.catch((error) => Effect.succeed(hasState(error, protocolViolation)))
)

export const databaseConnection: PostgresCheck = {
  name: "database",
  run: Effect.gen(function* () {
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
      const { fix, problem } = databaseAdvice(database.target, first.failure)
      return failed(problem, fix)
    }
    // The first probe also opened the session.
    const [took] = yield* Effect.timed(probe)
    return latencyFinding(describeDatabase(database.target), Duration.toMillis(took))
  })
}

const version: PostgresCheck = {
  name: "database version",
  run: Effect.gen(function* () {
    const { number, version } = yield* queryRow(
      Schema.Struct({ version: Schema.String, number: Schema.Int }),
      (sql) =>
        sql`SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number`
    )
    return number >= 140_000
      ? ok(`PostgreSQL ${version}`)
      : failed(`PostgreSQL ${version} is too old`, "upgrade it to PostgreSQL 14 or newer")
  })
}

const sessions: PostgresCheck = {
  name: "database sessions",
  run: Effect.gen(function* () {
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
}

const timescale: PostgresCheck = {
  name: "TimescaleDB",
  run: Effect.gen(function* () {
    const { version } = yield* queryRow(
      Schema.Struct({ version: Schema.NullOr(Schema.String) }),
      (sql) => sql`SELECT (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb') AS version`
    )
    return ok(version ?? "not installed; hypertables, policies and aggregates are not expected")
  })
}

const toleranceMs = 1000

const clock: PostgresCheck = {
  name: "database clock",
  run: Effect.gen(function* () {
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
}

/** @param ahead milliseconds by which the database clock is ahead of this machine's */
export const clockFinding = (ahead: number): Finding => {
  const difference = Math.abs(ahead)
  const words = `${(difference / 1000).toFixed(1)} s ${ahead < 0 ? "behind" : "ahead of"} this machine's`
  if (difference <= toleranceMs) return ok("within a second of this machine's")
  return warning(words, "synchronize both with NTP; posts and key expiry use the time of this machine")
}

export const postgresChecks: ReadonlyArray<PostgresCheck> = [
  version,
  encoding,
  defaults,
  sessions,
  role,
  rights,
  writes,
  timescale,
  migrations,
  drift,
  keys,
  clock
]
