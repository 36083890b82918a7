import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { inTeam } from "../../src/services/InTeam.ts"
import { countedStatements } from "../support/CountedStatements.ts"
import { migratedDatabase, newTeam, sqlServices, textOf } from "../support/MigratedServices.ts"
import { setUp } from "../support/PostsSuite.ts"
import { databaseAt } from "../support/TestDatabaseLayer.ts"

/** All services over one session, which every statement shares. */
const overOneSession = Layer.unwrap(
  Effect.map(migratedDatabase, ({ url }) =>
    Layer.provideMerge(sqlServices, databaseAt(Redacted.value(url), { TBG_DATABASE_POOL_MAX: "1" }))
  )
)

/** The session's current team, and its backend process. */
const identity = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql`
    SELECT current_user = session_user AS itself, coalesce(current_setting('tbg.team', true), '') AS team,
      pg_backend_pid() AS pid`
)

layer(overOneSession)("a session shared by many requests", (it) => {
  it.effect("has no team after each statement, even a failed one among others", () =>
    Effect.gen(function* () {
      const { posts, team } = yield* setUp
      const other = (yield* newTeam).id
      const [before] = yield* identity
      const refused = Effect.exit(posts.create(team, textOf({ content: "" })))
      const turns = Array.from({ length: 100 }, (_, turn) => [
        posts.create(turn % 2 === 0 ? team : other, textOf()),
        identity,
        refused,
        identity,
        posts.list(team, { limit: 10, offset: 0 }),
        identity
      ]).flat()
      const results: ReadonlyArray<unknown> = yield* Effect.all(turns, { concurrency: "unbounded" })
      const seen = results.filter((_, index) => index % 2 === 1)
      assert.deepStrictEqual(before, { itself: true, team: "", pid: before?.pid })
      assert.deepStrictEqual(
        seen,
        seen.map(() => [before])
      )
      const counts = yield* Effect.forEach([team, other], (one) => posts.list(one, { limit: 1, offset: 0 }))
      assert.deepStrictEqual(
        counts.map(({ total }) => total),
        [50, 50]
      )
    })
  )

  it.effect("has no team after a transaction for a team, however it ended", () =>
    Effect.gen(function* () {
      const { team } = yield* setUp
      const before = yield* identity
      const within = yield* inTeam(team)(identity)
      yield* Effect.exit(inTeam(team)(Effect.fail("no")))
      yield* Effect.exit(inTeam(team)(Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT 1 / 0`)))
      assert.deepStrictEqual(
        within,
        before.map(({ pid }) => ({ itself: false, team, pid }))
      )
      assert.deepStrictEqual(yield* identity, before)
    })
  )

  it.effect("lists, creates, finds, deletes and restores in one statement each", () =>
    Effect.gen(function* () {
      const { posts, team } = yield* setUp
      const { id } = yield* posts.create(team, textOf())
      const asked = yield* Effect.forEach(
        [
          posts.list(team, { limit: 10, offset: 0 }),
          posts.create(team, textOf({ parent_post_id: id })),
          posts.find(team, id),
          posts.remove(team, id),
          posts.restore(team, id)
        ],
        (one) =>
          Effect.map(countedStatements(one), ({ statements }) => statements.map((text) => text.replace(/\(.*$/u, "")))
      )
      assert.deepStrictEqual(asked, [
        ["SELECT * FROM tbg_api.tbg_api_list_posts"],
        ["SELECT tbg_api.tbg_api_create_post"],
        ["SELECT * FROM tbg_api.tbg_api_get_post"],
        ["SELECT tbg_api.tbg_api_delete_post"],
        ["SELECT * FROM tbg_api.tbg_api_restore_post"]
      ])
    })
  )

  it.effect("purges in a transaction, according to the number of statements", () =>
    Effect.gen(function* () {
      const { clock, posts, team } = yield* setUp
      const { statements } = yield* countedStatements(posts.purge(team, yield* clock.now, 1))
      assert.include(statements, "sql.transaction")
    })
  )
})
