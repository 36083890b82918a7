import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { Policy } from "../../baseline/BaselinePolicy.ts"
import { catalogSnapshot } from "../../baseline/Catalog.ts"
import type { Catalog } from "../../baseline/Catalog.ts"
import type { Difference } from "../../baseline/Difference.ts"
import { differencesOf } from "../../baseline/Expectations.ts"
import { ownDifferencesOf } from "../../baseline/OwnExpectations.ts"
import { isLocked } from "../../baseline/Snapshot.ts"
import { decideVerdict } from "../../baseline/Verdict.ts"
import { AppConfig } from "../../layers/AppConfig.ts"
import { Migrations } from "../../layers/Migrations.ts"
import { failed, ok, warning } from "./Check.ts"
import type { Finding } from "./Check.ts"

const decodeMissing = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ statement: Schema.String })))

/** Statements that an administrator must run before this role can migrate. */
const missingRights = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql`
    SELECT CASE
      WHEN n.oid IS NULL THEN format('CREATE SCHEMA tbg_api AUTHORIZATION %I', current_user)
      ELSE format('GRANT CREATE, USAGE ON SCHEMA tbg_api TO %I WITH GRANT OPTION', current_user)
    END AS statement
    FROM (VALUES (1)) one LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = 'tbg_api'
    WHERE NOT CASE
      WHEN n.oid IS NULL THEN has_database_privilege(current_database(), 'CREATE')
      ELSE has_schema_privilege(n.oid, 'CREATE') AND has_schema_privilege(n.oid, 'USAGE')
    END`
  return (yield* decodeMissing(rows)).map(({ statement }) => statement)
})

export const migrations = Effect.gen(function* () {
  const { onStart } = (yield* AppConfig).migrations
  const { status, verify } = yield* Migrations
  yield* verify
  const all = yield* status
  const pending = all.filter(({ appliedAt }) => appliedAt === null).map(({ name }) => name)
  if (pending.length > 0) {
    const words = `pending: ${pending.join(", ")}`
    if (!onStart) return failed(`${words}, and TBG_MIGRATE_ON_START is false`, "run tbg migrate up")
    const [statement] = yield* missingRights
    return statement === undefined
      ? ok(`${words}; tbg serve applies them when it starts`)
      : failed(`${words}; this role may not create tables in the schema tbg_api`, `${statement};`)
  }
  const newer = all.some(({ unknown }) => unknown) ? ", which is newer than this program" : ""
  return ok(`at ${all.at(-1)?.name}${newer}`)
})

const maxShown = 5

const namesOf = (differences: ReadonlyArray<Difference>): string => {
  const names = differences.slice(0, maxShown).map(({ object, problem }) => `${object} (${problem})`)
  const others = differences.length - names.length
  return names.join(", ") + (others > 0 ? ` and ${others} more` : "")
}

const listHint = "tbg migrate check lists all of them"

/** Compares the schema with the expected one. If any migration was `applied`, the baseline is not created again. */
const driftFinding = (catalog: Catalog, policy: Policy, applied: ReadonlyArray<string>): Finding => {
  const recorded = applied.length > 0
  const verdict = decideVerdict(catalog, policy)
  if (!recorded && verdict._tag === "Create") return ok("the database is empty; the migrations create the tables")
  const differences = [...differencesOf(catalog), ...ownDifferencesOf(catalog, applied)]
  if (!recorded && verdict._tag === "Refuse") {
    return failed(`${verdict.reason.split(";")[0]}: ${namesOf(differences)}`, `set TBG_DATABASE_URL; ${listHint}`)
  }
  if (differences.length === 0) return ok("none")
  const blocking = differences.filter(({ severity }) => severity === "blocking")
  return blocking.length > 0
    ? failed(namesOf(blocking), `the service cannot run on this; ${listHint}`)
    : warning(namesOf(differences), `tbg migrate repair creates what is missing; ${listHint}`)
}

export const drift = Effect.gen(function* () {
  const { environment, migrations } = yield* AppConfig
  const { status } = yield* Migrations
  const applied = (yield* status).filter(({ appliedAt }) => appliedAt !== null).map(({ name }) => name)
  const policy = { environment, policy: migrations.baselinePolicy }
  return yield* catalogSnapshot.pipe(
    Effect.map((catalog) => driftFinding(catalog, policy, applied)),
    Effect.catchIf(isLocked, () =>
      Effect.succeed(warning("unknown: another session holds a lock on a table", "run tbg doctor again"))
    )
  )
})
