import { Effect, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import { databaseEncoding, requiredEncoding } from "../../baseline/Baseline.ts"
import { AppConfig } from "../../layers/AppConfig.ts"
import { failed, ok, queryRow, skipped, warning } from "./Check.ts"
import type { Check, Finding } from "./Check.ts"

export const encodingFinding = (encoding: string): Finding =>
  encoding === requiredEncoding
    ? ok(encoding)
    : failed(
        `${encoding}, which cannot store every character of a post`,
        `copy the data to a database created with CREATE DATABASE … ENCODING '${requiredEncoding}' TEMPLATE template0`
      )

export const encoding: Check<SqlClient.SqlClient> = {
  name: "database encoding",
  run: Effect.map(databaseEncoding, encodingFinding)
}

const Settings = Schema.Struct({
  database: Schema.String,
  isolation: Schema.String,
  replication: Schema.String,
  statementTimeout: Schema.String
})
type Settings = typeof Settings.Type

/** Database defaults that statements cannot override. */
const harmful = ({ isolation, replication, statementTimeout }: Settings) =>
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

export const defaultsFinding = (settings: Settings): Finding => {
  const problems = harmful(settings).filter(([isHarmful]) => isHarmful)
  if (problems.length === 0) return ok("no harmful defaults")
  const what = problems.map(([, problem]) => problem).join("; ")
  const fix = problems.map(([, , setting]) => `ALTER DATABASE "${settings.database}" SET ${setting}`).join("; ")
  // Without triggers the counts of posts become wrong.
  return settings.replication === "origin" ? warning(what, fix) : failed(what, fix)
}

export const defaults: Check<AppConfig | SqlClient.SqlClient> = {
  name: "database defaults",
  run: Effect.gen(function* () {
    const { database } = yield* AppConfig
    if (database.target._tag === "Embedded") return skipped("the embedded database has the defaults of Postgres")
    const settings = yield* queryRow(
      Settings,
      (sql) => sql`
        SELECT current_database() AS database,
          current_setting('default_transaction_isolation') AS isolation,
          current_setting('session_replication_role') AS replication,
          current_setting('statement_timeout') AS "statementTimeout"`
    )
    return defaultsFinding(settings)
  })
}
