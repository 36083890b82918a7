import { assert } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"

const decodeTexts = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ text: Schema.String })))

/** Removes the team filter from every database function, so that only row-level security is left. */
export const removeTeamFilters = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const functions = yield* Effect.flatMap(
    sql`
      SELECT pg_get_functiondef(oid) AS text FROM pg_proc
      WHERE pronamespace = 'tbg_api'::regnamespace AND prosrc LIKE '%team_id = team%'`,
    decodeTexts
  )
  assert.isNotEmpty(functions)
  for (const { text } of functions) {
    const open = text.replaceAll(/\b\w+\.team_id = team\b/g, "true")
    assert.notInclude(open, "team_id = team")
    yield* sql.unsafe(open)
  }
})

/** Turns row-level security off for every table. */
export const disableRowSecurity = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql`
    DO $$ DECLARE secured regclass; BEGIN
      FOR secured IN SELECT oid FROM pg_class WHERE relnamespace = 'tbg_api'::regnamespace AND relrowsecurity LOOP
        EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', secured);
      END LOOP;
    END $$`
)
