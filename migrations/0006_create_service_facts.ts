import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** What the service knows about itself in this database: by name, with a value where the name is not enough. */
export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE tbg_api.service_facts (name text PRIMARY KEY, value bytea)`
})

export const down = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`DROP TABLE tbg_api.service_facts`)
