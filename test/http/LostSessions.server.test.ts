import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { bearer, jsonBody, short } from "../support/TeamRoutes.ts"
import { teamServer } from "../support/TeamServer.ts"
import { testServer } from "../support/TestServer.ts"

/** A service on its own database, with requests of its team and control of its sessions. */
const service = Effect.gen(function* () {
  const { alpha, client, service } = yield* teamServer(testServer)
  const posts = `${service}/v1/teams/alpha/posts`
  const statusOf = (init: RequestInit = {}) =>
    Effect.promise(async () => {
      const headers = new Headers(init.headers)
      headers.set("authorization", bearer(alpha.token).authorization)
      const response = await fetch(posts, { ...init, headers })
      await response.arrayBuffer()
      return response.status
    })
  const sessions = (condition: string) =>
    Effect.flatMap(SqlClient.SqlClient, (sql) =>
      sql.unsafe(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'tbg-api' AND ${condition}`)
    ).pipe(Effect.provide(client))
  const waiting = Effect.flatMap(
    SqlClient.SqlClient,
    (sql) =>
      sql`SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'tbg-api'
        AND wait_event_type = 'Lock'`
  )
  /** Runs `ask` against locked tables, ends its session once it waits, and then unlocks the tables. */
  const endedUnder = <A>(ask: Effect.Effect<A>) =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const held = yield* Deferred.make<void>()
      const release = yield* Deferred.make<void>()
      const lock = sql`LOCK TABLE tbg_api.posts, tbg_api.post_counts`.pipe(
        Effect.andThen(Deferred.succeed(held, undefined)),
        Effect.andThen(Deferred.await(release)),
        sql.withTransaction
      )
      const holder = yield* Effect.forkChild(lock)
      yield* Deferred.await(held)
      const asking = yield* Effect.forkChild(ask)
      yield* Effect.repeat(waiting, { until: (rows) => rows.length > 0, schedule: Schedule.spaced("10 millis") })
      yield* sessions("wait_event_type = 'Lock'")
      yield* Deferred.succeed(release, undefined)
      yield* Fiber.join(holder)
      return yield* Fiber.join(asking)
    }).pipe(Effect.provide(client))
  const written = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT id FROM tbg_api.posts`).pipe(
    Effect.map((rows) => rows.length),
    Effect.provide(client)
  )
  return { statusOf, endSessions: sessions("true"), endedUnder, written }
})

const write = jsonBody(short)

describe("a restart of all Postgres sessions", () => {
  it.live("does not affect the next reads", () =>
    Effect.gen(function* () {
      const { endSessions, statusOf } = yield* service
      const round = Effect.andThen(endSessions, Effect.all([statusOf(), statusOf()], { concurrency: 2 }))
      const rounds = yield* Effect.all(Array.from({ length: 10 }, () => round))
      assert.deepStrictEqual(
        rounds,
        rounds.map(() => [200, 200])
      )
    }).pipe(Effect.scoped, Effect.timeout("30 seconds"))
  )

  it.live("does not affect a read in progress", () =>
    Effect.gen(function* () {
      const { endedUnder, statusOf } = yield* service
      assert.strictEqual(yield* endedUnder(statusOf()), 200)
    }).pipe(Effect.scoped, Effect.timeout("30 seconds"))
  )

  it.live("fails a write in progress with 503, and does not repeat it", () =>
    Effect.gen(function* () {
      const { endedUnder, statusOf, written } = yield* service
      assert.strictEqual(yield* endedUnder(statusOf(write)), 503)
      assert.strictEqual(yield* written, 0)
      assert.strictEqual(yield* statusOf(write), 201)
      assert.strictEqual(yield* written, 1)
    }).pipe(Effect.scoped, Effect.timeout("30 seconds"))
  )
})
