import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { programOnDatabase } from "../support/ProgramOnDatabase.ts"
import { run } from "../support/TestMigrations.ts"
import { programResult } from "../support/TestProcess.ts"

/**
 * 5,000 posts deleted 31 days ago, 10 deleted 29 days ago, 10 not deleted; one expired and one current idempotency
 * record.
 */
const besideDeleted = Effect.gen(function* () {
  const program = yield* programOnDatabase
  yield* program.migrate("up")
  yield* program.tbg("seed", "--posts", "5020")
  const statements = [
    `UPDATE tbg_api.posts SET deleted_at = now() - interval '31 days'
      WHERE id IN (SELECT id FROM tbg_api.posts ORDER BY created_at LIMIT 5000)`,
    `UPDATE tbg_api.posts SET deleted_at = now() - interval '29 days'
      WHERE id IN (SELECT id FROM tbg_api.posts WHERE deleted_at IS NULL ORDER BY created_at LIMIT 10)`,
    `INSERT INTO tbg_api.idempotency_keys
      SELECT team_id, id, key, sha256('x'), 201, NULL, '{}', now() - age, now() - age + interval '1 day'
      FROM tbg_api.api_keys, (VALUES ('old', interval '25 hours'), ('new', interval '23 hours')) AS given (key, age)`,
    `INSERT INTO tbg_api.signin_challenges
      SELECT sha256(age::text::bytea), 'address', 0, now() - age, now() - age + interval '5 minutes'
      FROM (VALUES (interval '6 minutes'), (interval '4 minutes')) AS given (age)`,
    `WITH account AS (INSERT INTO tbg_api.accounts SELECT gen_random_uuid(), NULL, NULL, true, now(), now() RETURNING id)
      INSERT INTO tbg_api.sessions
      SELECT gen_random_uuid(), id, NULL, now() - age, now() - age, now() - age + interval '30 days', NULL
      FROM account, (VALUES (interval '31 days'), (interval '29 days')) AS given (age)`,
    `INSERT INTO tbg_api.live_tickets
      SELECT gen_random_uuid(), id, sha256('x'), 0, now() - age, now() - age + interval '30 seconds'
      FROM tbg_api.sessions, (VALUES (interval '31 seconds'), (interval '1 second')) AS given (age)`
  ]
  yield* Effect.forEach(statements, run).pipe(Effect.provide(program.client))
  return program
})

const left = run(`
  SELECT (SELECT count(*)::int FROM tbg_api.posts) AS posts, (SELECT string_agg(key, ',') FROM tbg_api.idempotency_keys) AS answers`)

describe("tbg purge", () => {
  it.live("removes only expired records, and keeps deleted posts forever with TBG_RETENTION_DAYS=0", () =>
    Effect.gen(function* () {
      const { client, tbg, variables } = yield* besideDeleted
      const kept = yield* programResult(["purge", "--json"], { ...variables, TBG_RETENTION_DAYS: "0" })
      assert.deepStrictEqual(
        [kept.code, JSON.parse(kept.stdout)],
        [
          0,
          {
            deleted_before: null,
            teams: 1,
            posts: 0,
            idempotency_answers: 1,
            challenges: 1,
            live_tickets: 2,
            sessions: 1
          }
        ]
      )
      assert.deepStrictEqual(yield* Effect.provide(left, client), [{ posts: 5020, answers: "new" }])
      const { code, stderr, stdout } = yield* tbg("purge")
      assert.strictEqual(code, 0)
      assert.match(
        stdout,
        /^posts removed: 5000, deleted before \S+Z\nexpired idempotency records removed: 0\nexpired challenges removed: 0\nexpired live tickets removed: 0\nexpired sessions removed: 0\nteams: 1\n$/
      )
      assert.match(stderr, /^2,000 of 5,000 rows\n4,000 of 5,000 rows\n(.*\n)*5,000 of 5,000 rows\n$/)
      assert.deepStrictEqual(yield* Effect.provide(left, client), [{ posts: 20, answers: "new" }])
      const again = JSON.parse((yield* tbg("purge", "--json")).stdout)
      assert.deepInclude(again, {
        posts: 0,
        idempotency_answers: 0,
        challenges: 0,
        live_tickets: 0,
        sessions: 0,
        teams: 1
      })
    })
  )
})
