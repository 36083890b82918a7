import { assert, describe, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { runAll } from "../support/Catalog.ts"
import { migrateToLatest, currentDifferences } from "../support/OwnSchema.ts"
import { freshDatabase, testClient, withRollback } from "../support/TestDatabase.ts"

const Own = Layer.unwrap(
  Effect.map(freshDatabase, ({ url }) => Layer.effectDiscard(migrateToLatest).pipe(Layer.provideMerge(testClient(url))))
)

type Row = readonly [
  statement: string,
  severity: "blocking" | "warning",
  problem: "missing" | "different",
  object: string
]

const policy = "CREATE POLICY team_wall ON tbg_api.posts"

const mutations: ReadonlyArray<Row> = [
  ["DROP TABLE tbg_api.idempotency_keys", "blocking", "missing", "table idempotency_keys"],
  ["ALTER TABLE tbg_api.api_keys DROP COLUMN expires_at", "blocking", "missing", "column api_keys.expires_at"],
  [
    "ALTER TABLE tbg_api.teams RENAME COLUMN updated_at TO changed_at",
    "blocking",
    "missing",
    "column teams.updated_at"
  ],
  ["ALTER TABLE tbg_api.post_counts ALTER living TYPE integer", "blocking", "different", "column post_counts.living"],
  ["ALTER TABLE tbg_api.posts ALTER content DROP NOT NULL", "warning", "different", "column posts.content"],
  [
    "ALTER TABLE tbg_api.posts ALTER created_at SET DEFAULT now()",
    "warning",
    "different",
    "default of posts.created_at"
  ],
  ["DROP INDEX tbg_api.posts_newest_idx", "warning", "missing", "index posts_newest_idx on posts"],
  ["DROP INDEX tbg_api.teams_name_key", "warning", "missing", "index teams_name_key on teams"],
  [
    "ALTER DOMAIN tbg_api.post_tags DROP CONSTRAINT posts_tags_check",
    "warning",
    "missing",
    "constraint posts_tags_check on posts"
  ],
  [
    "ALTER TABLE tbg_api.posts DROP CONSTRAINT posts_parent_fkey",
    "warning",
    "missing",
    "constraint posts_parent_fkey on posts"
  ],
  ["ALTER TABLE tbg_api.posts DISABLE ROW LEVEL SECURITY", "blocking", "missing", "row-level security of posts"],
  ["DROP POLICY team_wall ON tbg_api.post_counts", "blocking", "missing", "policy team_wall on post_counts"],
  ["ALTER POLICY team_wall ON tbg_api.posts USING (true)", "blocking", "different", "policy team_wall on posts"],
  ["ALTER POLICY team_wall ON tbg_api.posts TO pg_monitor", "blocking", "different", "policy team_wall on posts"],
  ["ALTER POLICY team_wall ON tbg_api.posts WITH CHECK (true)", "blocking", "different", "policy team_wall on posts"],
  ["CREATE POLICY open ON tbg_api.posts FOR SELECT USING (true)", "blocking", "different", "policy team_wall on posts"],
  ["ALTER POLICY team_wall ON tbg_api.posts RENAME TO wall", "blocking", "different", "policy team_wall on posts"]
]

const replaced: ReadonlyArray<readonly [words: string, statements: ReadonlyArray<string>, object: string]> = [
  [
    "a policy that only restricts",
    ["DROP POLICY team_wall ON tbg_api.posts", `${policy} AS RESTRICTIVE USING (true)`],
    "policy team_wall on posts"
  ],
  [
    "a policy for reading alone",
    ["DROP POLICY team_wall ON tbg_api.posts", `${policy} FOR SELECT USING (true)`],
    "policy team_wall on posts"
  ],
  [
    "a view in the place of a table",
    ["ALTER TABLE tbg_api.posts RENAME TO old_posts", "CREATE VIEW tbg_api.posts AS SELECT * FROM tbg_api.old_posts"],
    "table posts"
  ]
]

const tolerated = [
  "ALTER TABLE tbg_api.posts ADD theirs text",
  "CREATE INDEX theirs ON tbg_api.posts (created_at)",
  "ALTER TABLE tbg_api.teams ADD CONSTRAINT theirs CHECK (name <> 'x')",
  "ALTER TABLE tbg_api.teams ENABLE ROW LEVEL SECURITY",
  "ALTER TABLE tbg_api.posts FORCE ROW LEVEL SECURITY",
  "ALTER INDEX tbg_api.posts_replies_idx RENAME TO by_parent"
]

/** Differences after the statements. The fingerprint covers only the baseline and does not change. */
const namedAfter = (statements: ReadonlyArray<string>) =>
  withRollback(
    Effect.gen(function* () {
      const before = yield* currentDifferences
      yield* runAll(statements)
      const { fingerprint, named } = yield* currentDifferences
      assert.strictEqual(fingerprint, before.fingerprint)
      return named
    })
  )

describe("a changed table of our own", () => {
  layer(Own)((it) => {
    it.effect.each(mutations)("%s is reported", ([statement, ...found]) =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* namedAfter([statement]), [found])
      })
    )

    it.effect.each(replaced)("%s is reported", ([, statements, object]) =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* namedAfter(statements), [["blocking", "different", object]])
      })
    )

    it.effect.each(tolerated)("%s is not a difference", (statement) =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* namedAfter([statement]), [])
      })
    )
  })
})
