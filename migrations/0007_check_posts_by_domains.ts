import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"

const run = (statements: ReadonlyArray<string>) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
  )

const domains = {
  author_name: { type: "text", check: "char_length(VALUE) BETWEEN 1 AND 100" },
  content: { type: "text", check: "char_length(VALUE) BETWEEN 1 AND 10000" },
  tags: { type: "text[]", check: "tbg_api.tbg_api_are_tags(VALUE)" }
}

/** A column changes to a domain without a rewrite of its table only as long as the domain has no constraint. */
const useDomains = Object.entries(domains).flatMap(([column, { check, type }]) => [
  `CREATE DOMAIN tbg_api.post_${column} AS ${type}`,
  `ALTER TABLE tbg_api.posts DROP CONSTRAINT posts_${column}_check, ALTER ${column} TYPE tbg_api.post_${column}`,
  `ALTER DOMAIN tbg_api.post_${column} ADD CONSTRAINT posts_${column}_check CHECK (${check})`
])

const shape = `id uuid, author_name text, content text, tags text[], "timestamp" text, parent_post_id uuid`
/** The driver cuts a timestamp to the millisecond, so it is sent as text. */
const columns = `p.id, p.author_name::text, p.content::text, p.tags::text[],
  to_char(p.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), p.parent_post_id`

/** Keeps the owner, the privileges and the assumed role; only the result's types need the casts. */
const readFunction = (signature: string, returns: string, body: string, settings: string) =>
  `CREATE OR REPLACE FUNCTION tbg_api.${signature} RETURNS ${returns} LANGUAGE plpgsql
  SET row_security = on SET search_path = pg_catalog, pg_temp ${settings} AS $$
  BEGIN
    PERFORM set_config('tbg.team', team::text, true);
    ${body}
  END $$`

const readFunctions = (role: string) => [
  // At least one row, because an empty page has a total too. The plan is always the same, so it is made once.
  readFunction(
    "tbg_api_list_posts(team uuid, before_at timestamptz, before_id uuid, take integer, skip integer)",
    `TABLE (total bigint, ${shape})`,
    `RETURN QUERY SELECT counted.living, page.*
      FROM (
        SELECT coalesce(sum(c.living), 0)::bigint AS living FROM tbg_api.post_counts c WHERE c.team_id = team
      ) counted
      LEFT JOIN (
        SELECT ${columns} FROM tbg_api.posts p
        WHERE p.team_id = team AND p.deleted_at IS NULL AND (p.created_at, p.id) < (before_at, before_id)
        ORDER BY p.created_at DESC, p.id DESC LIMIT take OFFSET skip
      ) page ON true;`,
    `SET plan_cache_mode = force_generic_plan ${role}`
  ),
  readFunction(
    "tbg_api_get_post(team uuid, post uuid)",
    `TABLE (${shape})`,
    `RETURN QUERY SELECT ${columns} FROM tbg_api.posts p
      WHERE p.team_id = team AND p.id = post AND p.deleted_at IS NULL;`,
    role
  ),
  readFunction(
    "tbg_api_restore_post(team uuid, post uuid, at timestamptz)",
    `TABLE (${shape})`,
    `UPDATE tbg_api.posts p SET deleted_at = NULL, updated_at = at
      WHERE p.team_id = team AND p.id = post AND p.deleted_at IS NOT NULL;
    RETURN QUERY SELECT ${columns} FROM tbg_api.posts p WHERE p.team_id = team AND p.id = post;`,
    role
  )
]

const decodeForced = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ isForced: Schema.Boolean })]))

/** A CHECK constraint is parsed at every statement; a domain's is prepared once per session. */
export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  // 0004 leaves the policies forced if the role cannot be assumed.
  const [{ isForced }] = yield* Effect.flatMap(
    sql`SELECT relforcerowsecurity AS "isForced" FROM pg_catalog.pg_class WHERE oid = 'tbg_api.posts'::pg_catalog.regclass`,
    decodeForced
  )
  yield* run([...useDomains, ...readFunctions(isForced ? "" : "SET role = tbg_api_team")])
})

/** The functions stay, because their casts do no harm. */
export const down = run(
  Object.entries(domains).flatMap(([column, { check, type }]) => [
    `ALTER TABLE tbg_api.posts ALTER ${column} TYPE ${type},
      ADD CONSTRAINT posts_${column}_check CHECK (${check.replace("VALUE", column)})`,
    `DROP DOMAIN tbg_api.post_${column}`
  ])
)
