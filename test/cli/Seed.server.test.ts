import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { validSecret } from "../support/ConfigFrom.ts"
import { programOnDatabase } from "../support/ProgramOnDatabase.ts"
import { teamOfKey } from "../support/TeamOfKey.ts"
import { run } from "../support/TestMigrations.ts"
import { programResult } from "../support/TestProcess.ts"

describe("tbg seed", () => {
  it.live("adds posts to one team on each run, and keeps one valid key", () =>
    Effect.gen(function* () {
      const { client, migrate, tbg } = yield* programOnDatabase
      yield* migrate("up")
      const first = yield* tbg("seed", "--posts", "250")
      assert.strictEqual(first.code, 0)
      assert.match(first.stdout, /^tbg_[0-9a-f]{32}_[0-9A-Za-z]{38}\n$/)
      assert.include(first.stderr, "250 of 250 posts\n")
      yield* tbg("seed", "--posts", "50")
      const last = yield* tbg("seed", "--posts", "0")
      const answered = yield* run(`
        SELECT count(*)::int AS posts, count(parent_post_id)::int > 50 AS answers, count(DISTINCT team_id)::int AS teams,
          bool_and(created_at BETWEEN now() - interval '91 days' AND now()) AS past,
          count(DISTINCT created_at)::int AS times FROM tbg_api.posts`).pipe(Effect.provide(client))
      assert.deepStrictEqual(answered, [{ posts: 300, answers: true, teams: 1, past: true, times: 300 }])
      assert.strictEqual(yield* Effect.provide(teamOfKey(last.stdout.trim()), client), "demo")
      const refused = yield* Effect.flip(Effect.provide(teamOfKey(first.stdout.trim()), client))
      assert.strictEqual(refused._tag, "KeyRefused")
      const counted = yield* Effect.provide(run("SELECT sum(living)::int AS living FROM tbg_api.post_counts"), client)
      assert.deepStrictEqual(counted, [{ living: 300 }])
    })
  )

  it.live("writes several batches, and reports progress in plain lines", () =>
    Effect.gen(function* () {
      const { client, migrate, tbg } = yield* programOnDatabase
      yield* migrate("up")
      const { code, stderr } = yield* tbg("seed", "--posts", "12000")
      assert.strictEqual(code, 0)
      assert.match(
        stderr,
        /^5,000 of 12,000 posts\n10,000 of 12,000 posts\n12,000 of 12,000 posts\nadded 12000 posts to team demo; /
      )
      const orphans = yield* run(
        "SELECT count(*)::int AS n FROM tbg_api.posts p JOIN tbg_api.posts q ON q.id = p.parent_post_id WHERE q.created_at >= p.created_at"
      ).pipe(Effect.provide(client))
      assert.deepStrictEqual(orphans, [{ n: 0 }])
    })
  )

  it.live.each(["staging", "production"] as const)(
    "is refused in %s before it connects to the database",
    (environment) =>
      Effect.gen(function* () {
        const { code, stderr, stdout } = yield* programResult(["seed"], {
          TBG_ENVIRONMENT: environment,
          TBG_DATABASE_URL: "postgresql://tbg@127.0.0.1:1/tbg",
          TBG_REDIS_URL: "redis://127.0.0.1:1",
          TBG_SECRET_KEY: validSecret,
          TBG_PUBLIC_URL: "https://game.example.com"
        })
        assert.deepStrictEqual([code, stdout], [64, ""])
        assert.strictEqual(
          stderr,
          `tbg seed is refused in ${environment}, because it creates demo data; use tbg teams create and tbg keys create\n`
        )
      })
  )
})
