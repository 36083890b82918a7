import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { Policy } from "../../baseline/BaselinePolicy.ts"
import { catalogSnapshot } from "../../baseline/Catalog.ts"
import type { Catalog } from "../../baseline/Catalog.ts"
import { differencesOf } from "../../baseline/Difference.ts"
import type { Difference } from "../../baseline/Difference.ts"
import { ownDifferencesOf } from "../../baseline/OwnExpectations.ts"
import { isLocked } from "../../baseline/Snapshot.ts"
import { verdictOf } from "../../baseline/Verdict.ts"
import { AppConfig } from "../../layers/AppConfig.ts"
import { Migrations } from "../../layers/Migrations.ts"
import { failed, ok, warning } from "./Check.ts"
import type { Check, Finding } from "./Check.ts"

const up = "tbg migrate up"

const decodeMissing = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ statement: Schema.String })))

/** Statement that an administrator must run before the session's role can migrate. */
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

export const steps: Check<AppConfig | Migrations | SqlClient.SqlClient> = {
  name: "migrations",
  run: Effect.gen(function* () {
    const { migrations } = yield* AppConfig
    const { status, verify } = yield* Migrations
    yield* verify
    const steps = yield* status
    const pending = steps.filter(({ appliedAt }) => appliedAt === null).map(({ name }) => name)
    if (pending.length > 0) {
      const words = `pending: ${pending.join(", ")}`
      if (!migrations.onStart) return failed(`${words}, and TBG_MIGRATE_ON_START is false`, `run ${up}`)
      const [statement] = yield* missingRights
      return statement === undefined
        ? ok(`${words}; tbg serve applies them when it starts`)
        : failed(`${words}; this role may not create tables in the schema tbg_api`, `${statement};`)
    }
    const newer = steps.some(({ unknown }) => unknown) ? ", which is newer than this program" : ""
    return ok(`at ${steps.at(-1)?.name}${newer}`)
  })
}

/** Maximum number of objects in a line. */
const shown = 5

const namesOf = (differences: ReadonlyArray<Difference>): string => {
  const names = differences.slice(0, shown).map(({ object, problem }) => `${object} (${problem})`)
  const others = differences.length - names.length
  return names.join(", ") + (others > 0 ? ` and ${others} more` : "")
}

const all = "tbg migrate check lists all of them"

/** Judges the schema. If any migration was `applied`, the baseline is recorded and is not created again. */
const driftFinding = (catalog: Catalog, policy: Policy, applied: ReadonlyArray<string>): Finding => {
  const recorded = applied.length > 0
  const verdict = verdictOf(catalog, policy)
  if (!recorded && verdict._tag === "Create") return ok("the database is empty; the migrations create the tables")
  const differences = [...differencesOf(catalog), ...ownDifferencesOf(catalog, applied)]
  if (!recorded && verdict._tag === "Refuse") {
    return failed(`${verdict.reason.split(";")[0]}: ${namesOf(differences)}`, `set TBG_DATABASE_URL; ${all}`)
  }
  if (differences.length === 0) return ok("none")
  const blocking = differences.filter(({ severity }) => severity === "blocking")
  return blocking.length > 0
    ? failed(namesOf(blocking), `the service cannot run on this; ${all}`)
    : warning(namesOf(differences), `tbg migrate repair creates what is missing; ${all}`)
}

export const drift: Check<AppConfig | Migrations | SqlClient.SqlClient> = {
  name: "drift",
  run: Effect.gen(function* () {
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
}
