import { Context, Effect } from "effect"
import type { SqlClient } from "effect/sql"

/** Runs after the migrations and before the projection starts; the demo writes its history there. */
export const BeforeProjection = Context.Reference<Effect.Effect<void, never, SqlClient.SqlClient>>(
  "tbg-api/services/mining/BeforeProjection",
  { defaultValue: () => Effect.void }
)
