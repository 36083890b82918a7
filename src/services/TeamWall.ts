import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import type { TeamId } from "../domain/Team.ts"

/**
 * Runs an effect in a transaction that sees this team's rows and no others, whatever its queries say: Postgres holds
 * the wall (row-level security, under a role that nobody logs in as). To be used outside other transactions, as the
 * team lasts until the outermost one ends. What takes one statement has a function of its own, which costs one round
 * trip.
 */
export const withTeam =
  (team: TeamId) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | SqlError, R | SqlClient.SqlClient> =>
    Effect.flatMap(SqlClient.SqlClient, (sql) =>
      sql.withTransaction(Effect.andThen(sql`SELECT tbg_api_enter(${team})`, effect))
    )
