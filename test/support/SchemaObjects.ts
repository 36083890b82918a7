import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** Tables, indexes, functions, policies and triggers of `public` and our schema, by kind and name. */
export const schemaObjects = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql`
    WITH looked AS (SELECT oid, nspname FROM pg_namespace WHERE nspname IN ('public', 'tbg_api'))
    SELECT 'relation' AS kind, nspname || '.' || relname AS name FROM pg_class c JOIN looked n ON n.oid = c.relnamespace
    UNION ALL SELECT 'function', nspname || '.' || proname FROM pg_proc p JOIN looked n ON n.oid = p.pronamespace
    UNION ALL SELECT 'policy', polrelid::regclass || '.' || polname FROM pg_policy
    UNION ALL SELECT 'trigger', tgrelid::regclass || '.' || tgname FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'constraint', conrelid::regclass || '.' || conname FROM pg_constraint
      WHERE connamespace IN (SELECT oid FROM looked)
    ORDER BY 1, 2`
)
