import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { newTeam, realServices } from "../support/MigratedServices.ts"

/** A statement in which `$team` and `$key` stand for an existing team and one of its keys. */
const refused = (statement: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const { id: team } = yield* newTeam
    const key = "0197a000-0000-7000-8000-000000000000".replace("0197", team.slice(0, 4))
    yield* sql`
      INSERT INTO tbg_api.api_keys (id, team_id, hash, created_at, updated_at)
      VALUES (${key}, ${team}, ${new Uint8Array(32)}, now(), now()) ON CONFLICT (id) DO UPDATE SET team_id = ${team}`
    const error = yield* Effect.flip(
      sql.unsafe(statement.replaceAll("$team", `'${team}'`).replaceAll("$key", `'${key}'`))
    )
    return String(error.reason.cause)
  })

const times = "now(), now()"
const team = (name: string) => `INSERT INTO tbg_api.teams VALUES (gen_random_uuid(), ${name}, ${times})`
const key = (columns: { team?: string; label?: string; hash?: string }) =>
  `INSERT INTO tbg_api.api_keys VALUES (gen_random_uuid(), ${columns.team ?? "$team"}, ${columns.label ?? "NULL"},
    ${columns.hash ?? "sha256('')"}, NULL, NULL, ${times})`
const post = (columns: { team?: string; author?: string; content?: string; tags?: string; parent?: string }) =>
  `INSERT INTO tbg_api.posts VALUES (gen_random_uuid(), ${columns.team ?? "$team"}, ${columns.author ?? "'a'"},
    ${columns.content ?? "'b'"}, ${columns.tags ?? "NULL"}, ${columns.parent ?? "NULL"}, ${times})`
const answer = (columns: { key?: string; apiKey?: string; hash?: string; status?: string; team?: string }) =>
  `INSERT INTO tbg_api.idempotency_keys VALUES (${columns.team ?? "$team"}, ${columns.apiKey ?? "$key"}, ${columns.key ?? "'k'"},
    ${columns.hash ?? "sha256('')"}, ${columns.status ?? "200"}, NULL, '', ${times})`

layer(realServices)("the schema of teams, keys and posts", (it) => {
  it.effect.each([
    ["teams_name_check", team("''")],
    ["teams_name_check", team("'-a'")],
    ["teams_name_check", team("'A'")],
    ["teams_name_check", team("'a b'")],
    ["teams_name_check", team("E'a\\n'")],
    ["teams_name_check", team("repeat('a', 64)")],
    [
      "teams_name_key",
      `INSERT INTO tbg_api.teams SELECT gen_random_uuid(), name, ${times} FROM tbg_api.teams WHERE id = $team`
    ],
    ["api_keys_team_fkey", key({ team: "gen_random_uuid()" })],
    ["api_keys_label_check", key({ label: "''" })],
    ["api_keys_label_check", key({ label: "repeat('a', 101)" })],
    ["api_keys_hash_check", key({ hash: "decode('00', 'hex')" })],
    ["posts_team_fkey", post({ team: "gen_random_uuid()" })],
    ["posts_author_name_check", post({ author: "''" })],
    ["posts_author_name_check", post({ author: "repeat('🦊', 101)" })],
    ["posts_content_check", post({ content: "''" })],
    ["posts_content_check", post({ content: "repeat('🦊', 10001)" })],
    ["posts_tags_check", post({ tags: "array_fill('a'::text, ARRAY[21])" })],
    ["posts_tags_check", post({ tags: "ARRAY['']" })],
    ["posts_tags_check", post({ tags: "ARRAY[repeat('a', 51)]" })],
    ["posts_tags_check", post({ tags: "ARRAY['a', NULL]" })],
    ["posts_parent_fkey", post({ parent: "gen_random_uuid()" })],
    ["post_counts_team_fkey", "INSERT INTO tbg_api.post_counts VALUES (gen_random_uuid(), 0, 0)"],
    ["idempotency_keys_team_fkey", answer({ team: "gen_random_uuid()" })],
    ["idempotency_keys_api_key_fkey", answer({ apiKey: "gen_random_uuid()" })],
    ["idempotency_keys_key_check", answer({ key: "''" })],
    ["idempotency_keys_key_check", answer({ key: "'a b'" })],
    ["idempotency_keys_key_check", answer({ key: "repeat('a', 256)" })],
    ["idempotency_keys_request_hash_check", answer({ hash: "decode('00', 'hex')" })],
    ["idempotency_keys_status_check", answer({ status: "199" })],
    ["idempotency_keys_status_check", answer({ status: "600" })]
  ] as const)("rejects by %s: %s", ([constraint, statement]) =>
    Effect.gen(function* () {
      assert.include(yield* refused(statement), `"${constraint}"`)
    })
  )

  it.effect("allows the name of a deleted team again", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const { id, name } = yield* newTeam
      yield* sql`UPDATE tbg_api.teams SET deleted_at = now() WHERE id = ${id}`
      yield* sql`INSERT INTO tbg_api.teams VALUES (gen_random_uuid(), ${name}, now(), now())`
    })
  )
})
