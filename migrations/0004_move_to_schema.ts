import { Effect, Schema } from "effect"
import { SqlClient, Statement } from "effect/sql"

/** Nobody logs in as this role. Tenant statements run under it, so that the policies bind owners and superusers too. */
const role = "tbg_api_team"

const isolated = ["posts", "post_counts", "idempotency_keys"]

const times = ["created_at", "updated_at", "deleted_at"]

/** The tables of 0002 with their columns, by which they are recognized. */
const tables = {
  teams: ["id", "name", ...times],
  api_keys: ["id", "team_id", "label", "hash", "expires_at", "last_used_at", ...times],
  posts: ["id", "team_id", "author_name", "content", "tags", "parent_post_id", ...times],
  post_counts: ["team_id", "shard", "living"],
  idempotency_keys: ["team_id", "api_key_id", "key", "request_hash", "status", "location", "body", "expires_at"]
}

/** The functions of 0002 and 0003. */
const functions = [
  "tbg_api_enter(uuid)",
  "tbg_api_are_tags(text[])",
  "tbg_api_count_posts()",
  "tbg_api_list_posts(uuid, timestamptz, uuid, integer, integer)",
  "tbg_api_get_post(uuid, uuid)",
  "tbg_api_create_post(uuid, uuid, timestamptz, text, text, text[], uuid)",
  "tbg_api_delete_post(uuid, uuid, timestamptz)",
  "tbg_api_restore_post(uuid, uuid, timestamptz)"
]

class NotOurs extends Schema.TaggedError<NotOurs>()("NotOurs", { message: Schema.String }) {}

const Found = Schema.Struct({
  /** The schema of 0002's objects, quoted. */
  home: Schema.String,
  isOurs: Schema.Boolean,
  /** The columns of the tables there that have the names of ours. */
  tables: Schema.Record(Schema.String, Schema.Array(Schema.String))
})
const decodeFound = Schema.decodeUnknownEffect(Schema.Array(Found))

const run = (statements: ReadonlyArray<string>) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
  )

/** No other service has a function of this name, so the objects of 0002 are where it is. */
const findObjects = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql`
    SELECT format('%I', n.nspname) AS home, n.nspname = 'tbg_api' AS "isOurs", (
      SELECT coalesce(json_object_agg(c.relname, (
        SELECT json_agg(a.attname) FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      )), '{}')
      FROM pg_catalog.pg_class c
      WHERE c.relnamespace = n.oid AND c.relkind = 'r' AND c.relname = ANY (${Object.keys(tables)})
    ) AS tables
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    WHERE p.proname = 'tbg_api_enter' AND p.pronargs = 1 AND p.proargtypes[0] = 'pg_catalog.uuid'::regtype
    ORDER BY n.nspname <> 'tbg_api', array_position(current_schemas(false), n.nspname), n.nspname
    LIMIT 1`
  return yield* decodeFound(rows)
}).pipe(Effect.provideService(Statement.CurrentTransformer, undefined))

/** The roles that may use a table may use its schema, as they could before. */
const grantUsage = `DO $$ DECLARE grantee text; BEGIN
  FOR grantee IN
    SELECT DISTINCT coalesce(quote_ident(r.rolname), 'PUBLIC')
    FROM pg_catalog.pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a
    LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
    WHERE c.relnamespace = 'tbg_api'::regnamespace AND a.grantee <> c.relowner
  LOOP EXECUTE format('GRANT USAGE ON SCHEMA tbg_api TO %s', grantee); END LOOP;
END $$`

/** Moves what an earlier version created in another schema, and nothing else. */
const move = Effect.gen(function* () {
  const [found] = yield* findObjects
  if (found === undefined) return yield* new NotOurs({ message: "the function tbg_api_enter(uuid) is missing" })
  const { home, isOurs } = found
  if (isOurs) return undefined
  for (const [table, columns] of Object.entries(tables)) {
    const missing = columns.filter((column) => found.tables[table]?.includes(column) !== true)
    if (missing.length === 0) continue
    const message = `the table ${home}.${table} is not the one that this service created: it lacks ${missing.join(", ")}`
    return yield* new NotOurs({ message })
  }
  return yield* run([
    ...Object.keys(tables).map((table) => `ALTER TABLE ${home}.${table} SET SCHEMA tbg_api`),
    ...functions.map((name) => `ALTER FUNCTION ${home}.${name} SET SCHEMA tbg_api`),
    grantUsage
  ])
})

/**
 * Makes the rest of the transaction one team's: its rows, and a role that the policies bind. `row_security = off` as a
 * database's default would fail each query that a policy filters.
 */
const enter = (switches: boolean) => `CREATE OR REPLACE FUNCTION tbg_api.tbg_api_enter(team uuid) RETURNS void
  LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM set_config('tbg.team', team::text, true), set_config('row_security', 'on', true)${switches ? `, set_config('role', '${role}', true)` : ""};
  END $$`

/** `pg_temp` comes last, so that no temporary table can pass for one of ours. */
const pins = functions.map((name) => `ALTER FUNCTION tbg_api.${name} SET search_path = pg_catalog, tbg_api, pg_temp`)

/**
 * Roles are the whole server's: another database's migration may make the same one at this moment. From Postgres 16 on
 * the creator of a role is its administrator, and may assume it once it has granted it to itself.
 */
const makeRole = `DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '${role}') THEN CREATE ROLE ${role} NOLOGIN; END IF;
  IF NOT (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
    GRANT ${role} TO CURRENT_USER;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN NULL;
END $$`

const decodeUsable = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ isUsable: Schema.Boolean })]))

/** Whether the role can be assumed, and use the schema: a grant without the right to make it only warns. */
const isAssumable = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const assumed = run([`SET LOCAL ROLE ${role}`, "RESET ROLE", `GRANT USAGE ON SCHEMA tbg_api TO ${role}`]).pipe(
    Effect.andThen(sql`SELECT has_schema_privilege(${role}, 'tbg_api', 'USAGE') AS "isUsable"`),
    Effect.flatMap(decodeUsable),
    Effect.map(([{ isUsable }]) => isUsable)
  )
  return yield* sql.withTransaction(assumed).pipe(Effect.catchTag("SqlError", () => Effect.succeed(false)))
})

/** The owner of the tables passes by policies that are not forced, and so can back them up. */
const isolate = [
  `GRANT SELECT, INSERT, UPDATE, DELETE ON ${isolated.map((table) => `tbg_api.${table}`).join(", ")} TO ${role}`,
  `GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA tbg_api TO ${role}`,
  ...isolated.map((table) => `ALTER TABLE tbg_api.${table} NO FORCE ROW LEVEL SECURITY`)
]

/** All of it in the schema `tbg_api`, right under any default of a database (`docs/migrations.md`, `docs/teams.md`). */
export default Effect.gen(function* () {
  yield* move
  yield* run([makeRole])
  const switches = yield* isAssumable
  yield* run([enter(switches), ...pins, ...(switches ? isolate : [])])
})

/** The objects stay where they are, as their former place may have been taken. */
export const down = run(isolated.map((table) => `ALTER TABLE tbg_api.${table} FORCE ROW LEVEL SECURITY`))
