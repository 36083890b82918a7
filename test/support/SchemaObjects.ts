import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** The tables, indexes, functions, policies and triggers of the schema, each by its kind and its name. */
export const schemaObjects = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql`
    SELECT 'relation' AS kind, relname::text AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT 'function', proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT 'policy', polrelid::regclass || '.' || polname FROM pg_policy
    UNION ALL SELECT 'trigger', tgrelid::regclass || '.' || tgname FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'constraint', conrelid::regclass || '.' || conname FROM pg_constraint
      WHERE connamespace = 'public'::regnamespace
    ORDER BY 1, 2`
)
