import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"

/** The role that holds the wall between teams (`docs/teams.md`). */
export const teamRole = "tbg_api_team"

const Facts = Schema.Struct({
  /** The role that we log in as. */
  name: Schema.String,
  /** No policy binds it. */
  passes: Schema.Boolean,
  /** No policy binds the role that is to be bound. */
  teamPasses: Schema.Boolean,
  /** Whether a transaction takes the team's role on; `null` before the tables are made. */
  switches: Schema.NullOr(Schema.Boolean),
  /** Row-level security is on, for the owner of the tables too. */
  forced: Schema.Boolean
})
const decodeFacts = Schema.decodeUnknownEffect(Schema.Tuple([Facts]))

/** What is known of the wall, and whether the team's role can be taken on. */
export interface WallFacts extends Schema.Schema.Type<typeof Facts> {
  readonly takenOn: boolean
}

/** Looks at the wall; changes nothing. */
export const wallFacts = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [facts] = yield* Effect.flatMap(
    sql`
      SELECT me.rolname AS name, me.rolsuper OR me.rolbypassrls AS passes,
        coalesce(team.rolsuper OR team.rolbypassrls, false) AS "teamPasses",
        (SELECT prosrc LIKE ${`%${teamRole}%`} FROM pg_proc WHERE oid = to_regprocedure('tbg_api_enter(uuid)')) AS switches,
        (SELECT coalesce(bool_and(relrowsecurity AND relforcerowsecurity), true) FROM pg_class WHERE oid IN (
          to_regclass('posts'), to_regclass('post_counts'), to_regclass('idempotency_keys'))) AS forced
      FROM pg_roles me LEFT JOIN pg_roles team ON team.rolname = ${teamRole} WHERE me.rolname = current_user`,
    decodeFacts
  )
  const takenOn = yield* sql.withTransaction(sql.unsafe(`SET LOCAL ROLE ${teamRole}`)).pipe(
    Effect.as(true),
    Effect.orElseSucceed(() => false)
  )
  return { ...facts, takenOn } satisfies WallFacts
})

/** Whether Postgres itself keeps teams apart. */
export const wallHolds = ({ forced, passes, switches, takenOn, teamPasses }: WallFacts): boolean =>
  forced && (switches === true ? takenOn && !teamPasses : !passes)
