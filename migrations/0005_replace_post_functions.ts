import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"

const shape = `id uuid, author_name text, content text, tags text[], "timestamp" text, parent_post_id uuid`
/** The driver cuts a timestamp to the millisecond, so it is sent as text. */
const columns = `p.id, p.author_name, p.content, p.tags,
  to_char(p.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), p.parent_post_id`

/** `pg_temp` comes last, so that no temporary table can pass for one of ours. */
const searchPath = "SET search_path = pg_catalog, pg_temp"

/** A SQL function in a constraint is parsed and planned at every insert; plpgsql caches its plan. */
const checkTags = `CREATE OR REPLACE FUNCTION tbg_api.tbg_api_are_tags(tags text[]) RETURNS boolean
  LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE ${searchPath} AS $$
  DECLARE
    tag text;
  BEGIN
    IF cardinality(tags) > 20 THEN RETURN false; END IF;
    FOREACH tag IN ARRAY tags LOOP
      IF tag IS NULL OR char_length(tag) NOT BETWEEN 1 AND 50 THEN RETURN false; END IF;
    END LOOP;
    RETURN true;
  END $$`

/**
 * Keeps `post_counts` exact, whoever writes. It runs as the owner of the tables, so the role of a team cannot change a
 * count. Each transaction locks a shard that no other one holds: writers neither wait for each other nor deadlock. If
 * more than 128 write at once, some share a shard.
 */
const countPosts = `CREATE OR REPLACE FUNCTION tbg_api.tbg_api_count_posts() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER ${searchPath} AS $$
  DECLARE
    shards CONSTANT integer := 128;
    free integer := pg_backend_pid() % shards;
  BEGIN
    IF TG_RELID <> 'tbg_api.posts'::regclass THEN
      RAISE EXCEPTION 'tbg_api_count_posts is a trigger of tbg_api.posts only';
    END IF;
    FOR attempt IN 1..shards LOOP
      EXIT WHEN pg_try_advisory_xact_lock(TG_RELID::integer, free);
      free := (free + 1) % shards;
    END LOOP;
    IF TG_OP = 'INSERT' THEN
      INSERT INTO tbg_api.post_counts AS c (team_id, shard, living)
        SELECT team_id, free, count(*) FROM after_rows WHERE deleted_at IS NULL GROUP BY team_id
        ON CONFLICT (team_id, shard) DO UPDATE SET living = c.living + excluded.living;
    ELSIF TG_OP = 'DELETE' THEN
      INSERT INTO tbg_api.post_counts AS c (team_id, shard, living)
        SELECT team_id, free, -count(*) FROM before_rows WHERE deleted_at IS NULL GROUP BY team_id
        ON CONFLICT (team_id, shard) DO UPDATE SET living = c.living + excluded.living;
    ELSE
      INSERT INTO tbg_api.post_counts AS c (team_id, shard, living)
        SELECT team_id, free, sum(more) FROM (
          SELECT team_id, 1 AS more FROM after_rows WHERE deleted_at IS NULL
          UNION ALL
          SELECT team_id, -1 FROM before_rows WHERE deleted_at IS NULL
        ) changes GROUP BY team_id HAVING sum(more) <> 0
        ON CONFLICT (team_id, shard) DO UPDATE SET living = c.living + excluded.living;
    END IF;
    RETURN NULL;
  END $$`

/** A function that works on the rows of one team, which stays the transaction's until it ends. */
const teamFunction = (signature: string, returns: string, body: string) =>
  `CREATE OR REPLACE FUNCTION tbg_api.${signature} RETURNS ${returns} LANGUAGE plpgsql
  SET row_security = on ${searchPath} AS $$
  BEGIN
    PERFORM set_config('tbg.team', team::text, true);
    ${body}
  END $$`

const postFunctions = [
  // At least one row, because an empty page has a total too.
  teamFunction(
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
      ) page ON true;`
  ),
  teamFunction(
    "tbg_api_get_post(team uuid, post uuid)",
    `TABLE (${shape})`,
    `RETURN QUERY SELECT ${columns} FROM tbg_api.posts p
      WHERE p.team_id = team AND p.id = post AND p.deleted_at IS NULL;`
  ),
  // False if there is no parent to reply to. The lock keeps a purge from removing the parent before the insert.
  teamFunction(
    `tbg_api_create_post(
      team uuid, post uuid, at timestamptz, author_name text, content text, tags text[], parent uuid
    )`,
    "boolean",
    `IF parent IS NOT NULL THEN
      PERFORM FROM tbg_api.posts p WHERE p.team_id = team AND p.id = parent AND p.deleted_at IS NULL FOR KEY SHARE;
      IF NOT FOUND THEN RETURN false; END IF;
    END IF;
    INSERT INTO tbg_api.posts VALUES (post, team, author_name, content, tags, parent, at, at);
    RETURN true;`
  ),
  teamFunction(
    "tbg_api_delete_post(team uuid, post uuid, at timestamptz)",
    "boolean",
    `UPDATE tbg_api.posts p SET deleted_at = at, updated_at = at
      WHERE p.team_id = team AND p.id = post AND p.deleted_at IS NULL;
    RETURN FOUND;`
  ),
  teamFunction(
    "tbg_api_restore_post(team uuid, post uuid, at timestamptz)",
    `TABLE (${shape})`,
    `UPDATE tbg_api.posts p SET deleted_at = NULL, updated_at = at
      WHERE p.team_id = team AND p.id = post AND p.deleted_at IS NOT NULL;
    RETURN QUERY SELECT ${columns} FROM tbg_api.posts p WHERE p.team_id = team AND p.id = post;`
  )
]

const decodeForced = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ isForced: Schema.Boolean })]))

/** The policies bind this role, which a call assumes and leaves; that costs less than `set_config` does. */
const isolate = [
  ...["list_posts", "get_post", "create_post", "delete_post", "restore_post"].map(
    (name) => `ALTER FUNCTION tbg_api.tbg_api_${name} SET role = tbg_api_team`
  ),
  "REVOKE INSERT, UPDATE, DELETE ON tbg_api.post_counts FROM tbg_api_team"
]

/** The functions of posts, with the same signatures and results, at less cost (`docs/performance.md`). */
export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  // 0004 leaves the policies forced if the role cannot be assumed.
  const [{ isForced }] = yield* Effect.flatMap(
    sql`SELECT relforcerowsecurity AS "isForced" FROM pg_catalog.pg_class WHERE oid = 'tbg_api.posts'::pg_catalog.regclass`,
    decodeForced
  )
  const statements = [checkTags, countPosts, ...postFunctions, ...(isForced ? [] : isolate)]
  yield* Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
})

/** An earlier version works with these functions as it did with its own. */
export const down = Effect.void
