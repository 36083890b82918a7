import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"

/**
 * Creates posts from an object that maps team ids to lists of posts; returns the ids of those created. A post is not
 * created if its parent does not exist in its team. The lock keeps a purge from removing the parent before the insert.
 */
const createPosts = `CREATE FUNCTION tbg_api.tbg_api_create_posts(batch json) RETURNS SETOF uuid
  LANGUAGE plpgsql SET row_security = on SET search_path = pg_catalog, pg_temp AS $$
  DECLARE
    team uuid;
    texts json;
  BEGIN
    FOR team, texts IN SELECT key::uuid, value FROM json_each(batch) LOOP
      PERFORM set_config('tbg.team', team::text, true);
      RETURN QUERY INSERT INTO tbg_api.posts AS created
        SELECT t.id, team, t.author_name, t.content, t.tags, t.parent_post_id, t.at, t.at
        FROM json_to_recordset(texts) AS t (
          id uuid, at timestamptz, author_name text, content text, tags text[], parent_post_id uuid
        )
        WHERE t.parent_post_id IS NULL OR EXISTS (
          SELECT FROM tbg_api.posts p
          WHERE p.team_id = team AND p.id = t.parent_post_id AND p.deleted_at IS NULL FOR KEY SHARE
        )
        RETURNING created.id;
    END LOOP;
  END $$`

/** The roles that may create one post may create several. */
const grant = `DO $$ DECLARE grantee text; BEGIN
  FOR grantee IN
    SELECT coalesce(quote_ident(r.rolname), 'PUBLIC')
    FROM pg_catalog.pg_proc p CROSS JOIN LATERAL aclexplode(p.proacl) a
    LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
    WHERE p.oid = 'tbg_api.tbg_api_create_post(uuid, uuid, timestamptz, text, text, text[], uuid)'::regprocedure
      AND a.grantee <> p.proowner
  LOOP EXECUTE format('GRANT EXECUTE ON FUNCTION tbg_api.tbg_api_create_posts(json) TO %s', grantee); END LOOP;
END $$`

const decodeForced = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ isForced: Schema.Boolean })]))

/** The policies bind the role `tbg_api_team`, unless 0004 left them forced because the role cannot be assumed. */
export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [{ isForced }] = yield* Effect.flatMap(
    sql`SELECT relforcerowsecurity AS "isForced" FROM pg_catalog.pg_class WHERE oid = 'tbg_api.posts'::pg_catalog.regclass`,
    decodeForced
  )
  yield* sql.unsafe(createPosts)
  yield* sql.unsafe(grant)
  if (!isForced) yield* sql`ALTER FUNCTION tbg_api.tbg_api_create_posts SET role = tbg_api_team`
})

export const down = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`DROP FUNCTION tbg_api.tbg_api_create_posts`)
