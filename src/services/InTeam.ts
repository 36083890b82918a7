import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import type { TeamId } from "../domain/Team.ts"

/**
 * Runs an effect in a transaction that sees only this team's rows, because row-level security filters them. Not for use
 * within a transaction: the team stays set until the outermost one ends. Frequent statements on posts call database
 * functions instead, because one statement costs two fifths of a transaction.
 */
export const inTeam =
  (team: TeamId) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | SqlError, R | SqlClient.SqlClient> =>
    Effect.flatMap(SqlClient.SqlClient, (sql) =>
      sql.withTransaction(Effect.andThen(sql`SELECT tbg_api.tbg_api_enter(${team})`, effect))
    )
