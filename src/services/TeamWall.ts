import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import type { TeamId } from "../domain/Team.ts"

/**
 * Runs an effect in a transaction that sees this team's rows and no others, whatever its queries say: row-level
 * security filters them, under a role that nobody logs in as. To be used outside other transactions, because the team
 * lasts until the outermost one ends. Work of a single statement has a function of its own, which saves round trips.
 */
export const withTeam =
  (team: TeamId) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | SqlError, R | SqlClient.SqlClient> =>
    Effect.flatMap(SqlClient.SqlClient, (sql) =>
      sql.withTransaction(Effect.andThen(sql`SELECT tbg_api.tbg_api_enter(${team})`, effect))
    )
