import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** Nobody logs in as this role: `tbg_api_enter` takes it on for one transaction, so that the policies bind superusers too. */
const role = "tbg_api_team"

const tables = [
  `CREATE TABLE teams (
    id uuid PRIMARY KEY,
    name text NOT NULL CONSTRAINT teams_name_check CHECK (name ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz
  )`,
  "CREATE UNIQUE INDEX teams_name_key ON teams (name) WHERE deleted_at IS NULL",

  `CREATE TABLE api_keys (
    id uuid PRIMARY KEY,
    team_id uuid NOT NULL CONSTRAINT api_keys_team_fkey REFERENCES teams (id),
    label text CONSTRAINT api_keys_label_check CHECK (char_length(label) BETWEEN 1 AND 100),
    hash bytea NOT NULL CONSTRAINT api_keys_hash_check CHECK (octet_length(hash) = 32),
    expires_at timestamptz,
    last_used_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz
  )`,
  "CREATE INDEX api_keys_team_idx ON api_keys (team_id, created_at, id)",

  `CREATE FUNCTION tbg_api_are_tags(tags text[]) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT cardinality(tags) <= 20 AND array_position(tags, NULL) IS NULL
      AND (SELECT coalesce(bool_and(char_length(tag) BETWEEN 1 AND 50), true) FROM unnest(tags) tag)
  $$`,
  `CREATE TABLE posts (
    id uuid PRIMARY KEY,
    team_id uuid NOT NULL CONSTRAINT posts_team_fkey REFERENCES teams (id),
    author_name text NOT NULL CONSTRAINT posts_author_name_check CHECK (char_length(author_name) BETWEEN 1 AND 100),
    content text NOT NULL CONSTRAINT posts_content_check CHECK (char_length(content) BETWEEN 1 AND 10000),
    tags text[] CONSTRAINT posts_tags_check CHECK (tbg_api_are_tags(tags)),
    parent_post_id uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    CONSTRAINT posts_team_id_key UNIQUE (team_id, id),
    CONSTRAINT posts_parent_fkey FOREIGN KEY (team_id, parent_post_id) REFERENCES posts (team_id, id)
  )`,
  "CREATE INDEX posts_newest_idx ON posts (team_id, created_at, id) WHERE deleted_at IS NULL",
  "CREATE INDEX posts_deleted_idx ON posts (team_id, deleted_at) WHERE deleted_at IS NOT NULL",
  "CREATE INDEX posts_replies_idx ON posts (team_id, parent_post_id) WHERE parent_post_id IS NOT NULL",

  // How many posts of a team live, so that a list need not count a million. Spread over shards: each session adds to one
  // of its own, and those who write at once do not wait for each other.
  `CREATE TABLE post_counts (
    team_id uuid NOT NULL CONSTRAINT post_counts_team_fkey REFERENCES teams (id),
    shard integer NOT NULL,
    living bigint NOT NULL,
    PRIMARY KEY (team_id, shard)
  ) WITH (fillfactor = 50)`,

  `CREATE TABLE idempotency_keys (
    team_id uuid NOT NULL CONSTRAINT idempotency_keys_team_fkey REFERENCES teams (id),
    api_key_id uuid NOT NULL CONSTRAINT idempotency_keys_api_key_fkey REFERENCES api_keys (id),
    key text NOT NULL CONSTRAINT idempotency_keys_key_check CHECK (key ~ '^[!-~]{1,255}$'),
    request_hash bytea NOT NULL CONSTRAINT idempotency_keys_request_hash_check CHECK (octet_length(request_hash) = 32),
    status integer NOT NULL CONSTRAINT idempotency_keys_status_check CHECK (status BETWEEN 200 AND 599),
    location text,
    body text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (api_key_id, key)
  )`,
  "CREATE INDEX idempotency_keys_expiry_idx ON idempotency_keys (team_id, expires_at)"
]

const walled = ["posts", "post_counts", "idempotency_keys"]

/** `FORCE`, as the service may own the tables. Without a team the setting is empty, and no row is anyone's. */
const wall = walled.flatMap((table) => [
  `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
  `ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`,
  `CREATE POLICY team_wall ON ${table} USING (team_id = nullif(current_setting('tbg.team', true), '')::uuid)`
])

const counting = [
  `CREATE FUNCTION tbg_api_count_posts() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE mine integer := pg_backend_pid() % 16;
  BEGIN
    IF TG_OP <> 'DELETE' THEN
      INSERT INTO post_counts AS counted (team_id, shard, living)
        SELECT team_id, mine, count(*) FROM after_rows WHERE deleted_at IS NULL GROUP BY team_id
        ON CONFLICT (team_id, shard) DO UPDATE SET living = counted.living + excluded.living;
    END IF;
    IF TG_OP <> 'INSERT' THEN
      INSERT INTO post_counts AS counted (team_id, shard, living)
        SELECT team_id, mine, -count(*) FROM before_rows WHERE deleted_at IS NULL GROUP BY team_id
        ON CONFLICT (team_id, shard) DO UPDATE SET living = counted.living + excluded.living;
    END IF;
    RETURN NULL;
  END $$`,
  `CREATE TRIGGER count_created AFTER INSERT ON posts REFERENCING NEW TABLE AS after_rows
    FOR EACH STATEMENT EXECUTE FUNCTION tbg_api_count_posts()`,
  `CREATE TRIGGER count_changed AFTER UPDATE ON posts REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows
    FOR EACH STATEMENT EXECUTE FUNCTION tbg_api_count_posts()`,
  `CREATE TRIGGER count_purged AFTER DELETE ON posts REFERENCING OLD TABLE AS before_rows
    FOR EACH STATEMENT EXECUTE FUNCTION tbg_api_count_posts()`
]

/**
 * Takes on the team for the rest of the transaction. A function that works on a team's rows calls it first, so that the
 * wall and the work are one statement, one transaction and one round trip.
 */
const enter = (switches: boolean) => `CREATE FUNCTION tbg_api_enter(team uuid) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM set_config('tbg.team', team::text, true)${switches ? `, set_config('role', '${role}', true)` : ""};
  END $$`

/**
 * Roles are the whole server's: another database's migration may make the same one at this moment. From Postgres 16 on
 * who makes a role is its administrator, and may take it on once it has granted it to itself.
 */
const makeRole = `DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${role}') THEN CREATE ROLE ${role} NOLOGIN; END IF;
  IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN GRANT ${role} TO CURRENT_USER; END IF;
EXCEPTION WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN NULL;
END $$`

const grants = [
  `DO $$ BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %I TO ${role}', current_schema()); END $$`,
  `GRANT SELECT, INSERT, UPDATE, DELETE ON ${walled.join(", ")} TO ${role}`
]

/** Whether the transaction may take on the role: it may have been there, and not be ours to take. */
const makesRole = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql.unsafe(makeRole)
  const taken = Effect.andThen(sql.unsafe(`SET LOCAL ROLE ${role}`), sql.unsafe("RESET ROLE"))
  return yield* sql.withTransaction(taken).pipe(
    Effect.as(true),
    Effect.catchTag("SqlError", () =>
      Effect.as(
        Effect.logWarning(
          `the role ${role} cannot be made or taken on: a superuser would pass the wall between teams by`
        ),
        false
      )
    )
  )
})

const run = (statements: ReadonlyArray<string>) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
  )

/** Teams, their API keys and their posts, with the wall between teams (`docs/teams.md`). */
export default Effect.gen(function* () {
  const switches = yield* makesRole
  yield* run([...tables, ...wall, ...counting, enter(switches), ...(switches ? grants : [])])
})

/** The role stays: it can do nothing, and other databases of the server may have theirs. */
export const down = run([
  "DROP TABLE idempotency_keys, post_counts, posts, api_keys, teams",
  "DROP FUNCTION tbg_api_count_posts, tbg_api_are_tags, tbg_api_enter"
])
