import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const shape = `id uuid, author_name text, content text, tags text[], "timestamp" text, parent_post_id uuid`
/** The timestamp goes as text, since the driver cuts it to the millisecond. */
const columns = `p.id, p.author_name, p.content, p.tags,
  to_char(p.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), p.parent_post_id`

const functions = [
  // At least one row, as an empty page tells the total too.
  `CREATE FUNCTION tbg_api_list_posts(team uuid, before_at timestamptz, before_id uuid, take integer, skip integer)
  RETURNS TABLE (total bigint, ${shape}) LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM tbg_api_enter(team);
    RETURN QUERY SELECT counted.living, page.*
      FROM (SELECT coalesce(sum(c.living), 0)::bigint AS living FROM post_counts c WHERE c.team_id = team) counted
      LEFT JOIN (
        SELECT ${columns} FROM posts p
        WHERE p.team_id = team AND p.deleted_at IS NULL AND (p.created_at, p.id) < (before_at, before_id)
        ORDER BY p.created_at DESC, p.id DESC LIMIT take OFFSET skip
      ) page ON true;
  END $$`,

  `CREATE FUNCTION tbg_api_get_post(team uuid, post uuid) RETURNS TABLE (${shape}) LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM tbg_api_enter(team);
    RETURN QUERY SELECT ${columns} FROM posts p WHERE p.team_id = team AND p.id = post AND p.deleted_at IS NULL;
  END $$`,

  // False where there is no parent to reply to. That it is of the same team is also the foreign key's to say.
  `CREATE FUNCTION tbg_api_create_post(
    team uuid, post uuid, at timestamptz, author_name text, content text, tags text[], parent uuid
  ) RETURNS boolean LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM tbg_api_enter(team);
    IF parent IS NOT NULL THEN
      PERFORM FROM posts p WHERE p.team_id = team AND p.id = parent AND p.deleted_at IS NULL FOR KEY SHARE;
      IF NOT FOUND THEN RETURN false; END IF;
    END IF;
    INSERT INTO posts VALUES (post, team, author_name, content, tags, parent, at, at);
    RETURN true;
  END $$`,

  `CREATE FUNCTION tbg_api_delete_post(team uuid, post uuid, at timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM tbg_api_enter(team);
    UPDATE posts p SET deleted_at = at, updated_at = at
      WHERE p.team_id = team AND p.id = post AND p.deleted_at IS NULL;
    RETURN FOUND;
  END $$`,

  `CREATE FUNCTION tbg_api_restore_post(team uuid, post uuid, at timestamptz)
  RETURNS TABLE (${shape}) LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM tbg_api_enter(team);
    UPDATE posts p SET deleted_at = NULL, updated_at = at
      WHERE p.team_id = team AND p.id = post AND p.deleted_at IS NOT NULL;
    RETURN QUERY SELECT ${columns} FROM posts p WHERE p.team_id = team AND p.id = post;
  END $$`
]

const run = (statements: ReadonlyArray<string>) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
  )

/** What is done with the posts of a team, each in one round trip, the wall included (`docs/teams.md`). */
export default run(functions)

export const down = run([
  `DROP FUNCTION tbg_api_list_posts, tbg_api_get_post, tbg_api_create_post, tbg_api_delete_post, tbg_api_restore_post`
])
