import { assert, layer } from "@effect/vitest"
import { Deferred, Effect, Fiber, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { realServices, textOf } from "../support/MigratedServices.ts"
import { setUp } from "../support/PostsSuite.ts"

/** Waits until a session of this database waits for another's lock. */
const sessionWaits = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const waiting = yield* sql`
    SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
  return yield* waiting.length > 0 ? Effect.void : Effect.fail("no session waits yet")
}).pipe(Effect.retry({ schedule: Schedule.spaced("5 millis"), times: 400 }), TestClock.withLive)

layer(realServices)("a purge", (it) => {
  it.effect("removes the parent of a reply that is written while the purge waits for the post", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const { clock, posts, team } = yield* setUp
      const parent = yield* posts.create(team, textOf())
      const written = yield* Deferred.make<void>()
      const go = yield* Deferred.make<void>()
      const writing = yield* Effect.forkChild(
        posts.create(team, textOf({ parent_post_id: parent.id })).pipe(
          Effect.tap(() => Effect.andThen(Deferred.succeed(written, undefined), Deferred.await(go))),
          sql.withTransaction
        )
      )
      yield* Deferred.await(written)
      yield* posts.remove(team, parent.id)
      const purging = yield* Effect.forkChild(posts.purge(team, yield* clock.now, 10))
      yield* sessionWaits
      yield* Deferred.succeed(go, undefined)
      const reply = yield* Fiber.join(writing)
      assert.strictEqual(yield* Fiber.join(purging), 1)
      assert.deepStrictEqual(yield* posts.find(team, reply.id), { ...reply, parent_post_id: null })
    })
  )

  it.effect("takes linear time for posts that reply to each other", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const { posts, team } = yield* setUp
      const count = 10_000
      yield* sql`
        INSERT INTO tbg_api.posts
        SELECT id, ${team}, 'Ada', 'Hello', NULL, lag(id) OVER (), now(), now(), '2026-01-01'
        FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, ${count}::int)) made`
      // As in the batches of a long purge, whose statements are planned once. A quadratic plan exceeds the statement
      // timeout.
      const purged = yield* sql.withTransaction(
        Effect.andThen(
          sql.unsafe("SET LOCAL plan_cache_mode = force_generic_plan"),
          posts.purge(team, "2026-02-01T00:00:00Z", count)
        )
      )
      assert.strictEqual(purged, count)
    })
  )
})
