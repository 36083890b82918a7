import { assert, layer } from "@effect/vitest"
import { Effect, Exit, Fiber, Latch } from "effect"
import { SqlClient } from "effect/sql"
import type { Post, PostId } from "../../src/domain/Post.ts"
import type { TeamId } from "../../src/domain/Team.ts"
import { Ids } from "../../src/services/Ids.ts"
import { Posts } from "../../src/services/Posts.ts"
import { createMany, setUp } from "../support/PostsSuite.ts"
import { whileLocked } from "../support/Locks.ts"
import { realServices, textOf } from "../support/MigratedServices.ts"

/** Number of a team's posts that are not deleted, counted row by row. */
const counted = (team: TeamId) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows =
      yield* sql`SELECT count(*)::int AS living FROM tbg_api.posts WHERE team_id = ${team} AND deleted_at IS NULL`
    return rows.map(({ living }) => living)
  })

const total = (team: TeamId) =>
  Effect.flatMap(Posts, (posts) => Effect.map(posts.list(team, { limit: 1, offset: 0 }), ({ total }) => [total]))

/** One of fifty writers. A post that is already deleted is not a failure; anything else is. */
const writer = Effect.fnUntraced(function* (team: TeamId, ids: ReadonlyArray<PostId>, turn: number) {
  const posts = yield* Posts
  const clock = yield* Ids
  for (let round = 0; round < 6; round++) {
    const id = ids[(turn * 7 + round * 3) % ids.length]
    if (id === undefined) return yield* Effect.die("there are posts")
    const steps = [
      Effect.asVoid(posts.create(team, textOf({ parent_post_id: id }))),
      posts.remove(team, id),
      Effect.asVoid(posts.restore(team, id)),
      Effect.flatMap(clock.now, (now) => Effect.asVoid(posts.purge(team, now, 5))),
      Effect.asVoid(posts.create(team, textOf()))
    ]
    yield* Effect.catchTag(steps[(turn + round) % steps.length] ?? Effect.void, "PostNotFound", () => Effect.void)
  }
})

layer(realServices)("posts of many concurrent writers", (it) => {
  it.effect("are counted exactly, and none of fifty fails", () =>
    Effect.gen(function* () {
      const { team } = yield* setUp
      const ids = (yield* createMany(team, 12)).map(({ id }) => id)
      const exits = yield* Effect.forEach(
        Array.from({ length: 50 }),
        (_, turn) => Effect.exit(writer(team, ids, turn)),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(exits.filter(Exit.isFailure), [])
      assert.deepStrictEqual(yield* total(team), yield* counted(team))
    })
  )

  it.effect("are removed by one purge at a time, so that purges in different orders cannot deadlock", () =>
    Effect.gen(function* () {
      const { posts, team } = yield* setUp
      const sql = yield* SqlClient.SqlClient
      const [first, second, third] = (yield* createMany(team, 3)).map(({ id }) => id)
      const deletedAt = (day: number, id: PostId | undefined) =>
        sql`UPDATE tbg_api.posts SET deleted_at = make_date(2020, 1, ${day}) WHERE id = ${id ?? ""}`
      yield* Effect.all([deletedAt(2, first), deletedAt(3, second), deletedAt(4, third)])
      const blocked = (count: number) =>
        Effect.repeat(
          sql`SELECT count(*)::int AS sessions FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'`,
          { until: ([row]) => row?.["sessions"] === count }
        )
      const purge = Effect.forkChild(posts.purge(team, "2021-01-01T00:00:00Z", 10))
      const holdsSecond = `SELECT FROM tbg_api.posts WHERE id = '${second}' FOR UPDATE`
      const purges = yield* whileLocked(
        holdsSecond,
        Effect.gen(function* () {
          const one = yield* purge
          yield* blocked(1)
          yield* deletedAt(1, third)
          const other = yield* purge
          yield* blocked(2)
          return [one, other]
        })
      )
      assert.deepStrictEqual(yield* Fiber.joinAll(purges), [3, 0])
    })
  )

  it.effect("are counted in a shard that no other transaction holds, so that no writer waits", () =>
    Effect.gen(function* () {
      const { posts, team } = yield* setUp
      const sql = yield* SqlClient.SqlClient
      const isHeld = yield* Latch.make(false)
      const isCreated = yield* Latch.make(false)
      const holder = yield* Effect.forkChild(
        sql`SELECT pg_advisory_xact_lock('tbg_api.posts'::regclass::int, shard)
          FROM generate_series(0, 127) shard WHERE shard <> 77`.pipe(
          Effect.andThen(isHeld.open),
          Effect.andThen(isCreated.await),
          sql.withTransaction
        )
      )
      yield* Effect.raceFirst(isHeld.await, Fiber.join(holder))
      yield* posts.create(team, textOf())
      yield* isCreated.open
      yield* Fiber.join(holder)
      assert.deepStrictEqual(yield* sql`SELECT shard FROM tbg_api.post_counts WHERE team_id = ${team}`, [{ shard: 77 }])
    })
  )

  it.effect("are listed with the total of the same snapshot", () =>
    Effect.gen(function* () {
      const { posts, team } = yield* setUp
      const [{ id } = yield* Effect.die("one was made")] = yield* createMany(team, 1)
      const flicker = Effect.andThen(posts.remove(team, id), posts.restore(team, id)).pipe(Effect.forever)
      const writing = yield* Effect.forkChild(flicker)
      const pages = yield* Effect.forEach(Array.from({ length: 200 }), () => posts.list(team, { limit: 1, offset: 0 }))
      yield* Fiber.interrupt(writing)
      assert.deepStrictEqual(
        pages.filter(({ items, total }) => items.length !== total),
        []
      )
    })
  )

  it.effect("are each listed once by cursor, one per page, while others are created and deleted", () =>
    Effect.gen(function* () {
      const { posts, team } = yield* setUp
      const made = yield* createMany(team, 90)
      const fleeting = made.filter((_, index) => index % 3 === 1).map(({ id }) => id)
      const lasting = made.filter((_, index) => index % 3 !== 1).map(({ id }) => id)
      const others = Effect.gen(function* () {
        for (const id of fleeting) {
          yield* posts.remove(team, id)
          yield* posts.create(team, textOf({ content: "while walking" }))
        }
        for (const id of fleeting.toReversed()) yield* posts.restore(team, id)
      })
      const writing = yield* Effect.forkChild(others)
      const walked: Array<Post> = []
      let page = yield* posts.list(team, { limit: 1, offset: 0 })
      while (page.items.length > 0) {
        walked.push(...page.items)
        const place = walked.at(-1) ?? (yield* Effect.die("a page is not empty"))
        page = yield* posts.list(team, { limit: 1, after: place })
      }
      yield* Fiber.join(writing)
      const ids = walked.map(({ id }) => id)
      assert.strictEqual(new Set(ids).size, ids.length)
      assert.deepStrictEqual(
        ids.filter((id) => lasting.includes(id)),
        lasting.toReversed()
      )
    })
  )
})
