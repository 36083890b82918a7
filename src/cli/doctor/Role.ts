import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { failed, ok, skipped, warning } from "./Check.ts"
import type { Check, Finding } from "./Check.ts"

/** The role that holds the wall between teams (`docs/teams.md`). */
const team = "tbg_api_team"

const Wall = Schema.Struct({
  name: Schema.String,
  /** No policy binds the role that we log in as. */
  passes: Schema.Boolean,
  /** No policy binds the role that is to be bound. */
  teamPasses: Schema.Boolean,
  /** Whether a transaction takes the team's role on; `null` before the tables are made. */
  switches: Schema.NullOr(Schema.Boolean),
  /** Row-level security is on, for the owner of the tables too. */
  forced: Schema.Boolean
})
const decodeWall = Schema.decodeUnknownEffect(Schema.Tuple([Wall]))

/** What is known of the wall, and whether the team's role can be taken on. */
export interface WallFacts extends Schema.Schema.Type<typeof Wall> {
  readonly takenOn: boolean
}

export const wallFinding = ({ forced, name, passes, switches, takenOn, teamPasses }: WallFacts): Finding => {
  const ownRole = "log in as a role without SUPERUSER and BYPASSRLS"
  if (switches === null) return skipped(`${name}; the wall between teams comes with the tables`)
  if (!forced) {
    return failed(
      "row-level security is off, so that nothing but the queries themselves keeps teams apart",
      "ALTER TABLE … ENABLE ROW LEVEL SECURITY, and FORCE ROW LEVEL SECURITY, on posts, post_counts, idempotency_keys"
    )
  }
  if (switches && !takenOn) {
    return failed(`${name} may not take on the role ${team}, as every request does`, `GRANT ${team} TO "${name}"`)
  }
  if (switches && teamPasses) {
    return failed(`no policy binds ${team}, so that teams see each other`, `ALTER ROLE ${team} NOSUPERUSER NOBYPASSRLS`)
  }
  if (!passes) return ok(`${name}: row-level security binds it`)
  const bypasses = `${name} passes row-level security by`
  if (switches) return ok(`${bypasses}: the wall between teams relies on the role ${team}, which can be taken on`)
  return warning(`${bypasses}, and the role ${team} could not be made: only the queries keep teams apart`, ownRole)
}

export const role: Check<SqlClient.SqlClient> = {
  name: "database role",
  look: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const [facts] = yield* Effect.flatMap(
      sql`
        SELECT me.rolname AS name, me.rolsuper OR me.rolbypassrls AS passes,
          coalesce(team.rolsuper OR team.rolbypassrls, false) AS "teamPasses",
          (SELECT prosrc LIKE ${`%${team}%`} FROM pg_proc WHERE oid = to_regprocedure('tbg_api_enter(uuid)')) AS switches,
          (SELECT coalesce(bool_and(relrowsecurity AND relforcerowsecurity), true) FROM pg_class WHERE oid IN (
            to_regclass('posts'), to_regclass('post_counts'), to_regclass('idempotency_keys'))) AS forced
        FROM pg_roles me LEFT JOIN pg_roles team ON team.rolname = ${team} WHERE me.rolname = current_user`,
      decodeWall
    )
    const takenOn = yield* sql.withTransaction(sql.unsafe(`SET LOCAL ROLE ${team}`)).pipe(
      Effect.as(true),
      Effect.orElseSucceed(() => false)
    )
    return wallFinding({ ...facts, takenOn })
  })
}
