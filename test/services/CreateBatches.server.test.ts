import { assert, layer } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import { SqlClient } from "effect/sql"
import { PostId } from "../../src/domain/Post.ts"
import { countedStatements } from "../support/CountedStatements.ts"
import { whileLocked } from "../support/Locks.ts"
import { newTeam, realServices, textOf } from "../support/MigratedServices.ts"
import { createMany, setUp } from "../support/PostsSuite.ts"

const unknown = PostId.make("01890000-0000-7000-8000-000000000000")

const lock = "LOCK TABLE tbg_api.posts IN ACCESS EXCLUSIVE MODE"

/** Number of statements that wait for a lock. */
const waitingStatements = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows =
    yield* sql`SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
  return rows.length
})

const untilWaiting = (count: number) =>
  Effect.repeat(Effect.yieldNow.pipe(Effect.andThen(waitingStatements)), { until: (found) => found === count })

layer(realServices)("posts created at the same time", (it) => {
  it.effect("share statements and are stored as their callers wrote them", () =>
    Effect.gen(function* () {
      const { posts, team } = yield* setUp
      const other = (yield* newTeam).id
      const [parent] = yield* createMany(team, 1)
      const texts = [
        textOf({ author_name: "🦊".repeat(100), tags: null }),
        textOf({ content: `'"\\{},$1%\n\tend`, tags: [`a"b`, `{c,d}`, `\\`, "NULL"] }),
        textOf({ content: "\u2028é", tags: [] })
      ]
      const asked = Array.from({ length: 60 }, (_, index) => {
        const text = texts[index % texts.length] ?? textOf()
        return index % 2 === 0
          ? { team, text: { ...text, parent_post_id: index % 10 === 0 ? (parent?.id ?? null) : null } }
          : { team: other, text }
      })
      const { result: created, statements } = yield* countedStatements(
        Effect.forEach(asked, ({ team, text }) => posts.create(team, text), { concurrency: "unbounded" })
      )
      assert.isBelow(statements.length, 20)
      const found = yield* Effect.forEach(created, ({ id }, index) => posts.find(asked[index]?.team ?? team, id))
      assert.deepStrictEqual(found, created)
      assert.deepStrictEqual(
        created.map(({ author_name, content, parent_post_id, tags }) => ({
          author_name,
          content,
          parent_post_id,
          tags
        })),
        asked.map(({ text: { author_name, content, parent_post_id, tags } }) => ({
          author_name,
          content,
          parent_post_id,
          tags
        }))
      )
      assert.strictEqual((yield* posts.list(other, { limit: 1, offset: 0 })).total, 30)
    })
  )

  it.effect("fail individually if their parent does not exist or belongs to another team", () =>
    Effect.gen(function* () {
      const { posts, team } = yield* setUp
      const [foreign] = yield* createMany((yield* newTeam).id, 1)
      const parents = [null, unknown, foreign?.id ?? null]
      const outcomes = yield* Effect.forEach(
        Array.from({ length: 60 }, (_, index) => parents[index % 3] ?? null),
        (parent_post_id) =>
          Effect.match(posts.create(team, textOf({ parent_post_id })), {
            onSuccess: () => null,
            onFailure: ({ id }) => id
          }),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(
        outcomes,
        outcomes.map((_, index) => parents[index % 3] ?? null)
      )
      assert.strictEqual((yield* posts.list(team, { limit: 1, offset: 0 })).total, 20)
    })
  )

  it.effect("are created even if Postgres rejects one of them", () =>
    Effect.gen(function* () {
      const { posts, team } = yield* setUp
      const exits = yield* Effect.forEach(
        Array.from({ length: 40 }, (_, index) => textOf({ content: index === 20 ? "" : `${index}` })),
        (text) => Effect.exit(posts.create(team, text)),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(
        exits.flatMap((exit, index) => (Exit.isFailure(exit) ? [index] : [])),
        [20]
      )
      assert.strictEqual((yield* posts.list(team, { limit: 1, offset: 0 })).total, 39)
    })
  )

  it.effect("are not created if their callers are interrupted before a statement includes them", () =>
    Effect.gen(function* () {
      const { posts, team } = yield* setUp
      const sent = yield* whileLocked(
        lock,
        Effect.gen(function* () {
          const sent = yield* Effect.forEach([1, 2, 3, 4, 5, 6, 7, 8], (count) =>
            Effect.forkChild(createMany(team, 1)).pipe(Effect.tap(untilWaiting(count)))
          )
          const late = yield* Effect.forkChild(posts.create(team, textOf({ content: "late" })), {
            startImmediately: true
          })
          yield* Fiber.interrupt(late)
          return sent
        })
      )
      yield* Effect.forEach(sent, Fiber.join)
      const { items: page, total } = yield* posts.list(team, { limit: 20, offset: 0 })
      assert.strictEqual(total, 8)
      assert.notInclude(
        page.map(({ content }) => content),
        "late"
      )
    })
  )

  it.effect("fail together if the server is out of disk space", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const { posts, team } = yield* setUp
      yield* sql`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'disk full' USING ERRCODE = '53100'; END $$`
      yield* sql`CREATE TRIGGER refuse BEFORE INSERT ON tbg_api.posts EXECUTE FUNCTION refuse()`
      const { result: exits, statements } = yield* countedStatements(
        Effect.all(
          Array.from({ length: 40 }, () => Effect.exit(posts.create(team, textOf()))),
          { concurrency: "unbounded" }
        )
      )
      assert.deepStrictEqual(exits.filter(Exit.isSuccess), [])
      assert.isBelow(statements.length, 20)
      yield* sql`DROP TRIGGER refuse ON tbg_api.posts`
    })
  )
})
