import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Fiber, Latch, Layer, Random, Redacted, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { Database } from "../../src/layers/Database.ts"
import { inTurn } from "../../src/layers/migrations/Turn.ts"
import { tcpProxy } from "../support/TcpProxy.ts"
import { freshDatabase, testClient } from "../support/TestDatabase.ts"
import { databaseAt, probe } from "../support/TestDatabaseLayer.ts"

/** Runs `effect` over a database behind a network that forgets the connections that there are when it is told to. */
const behindProxy = <A, E>(
  effect: (forget: Effect.Effect<void>) => Effect.Effect<A, E, Database | SqlClient.SqlClient>,
  variables: Record<string, string> = {}
) =>
  Effect.gen(function* () {
    const url = new URL(Redacted.value((yield* freshDatabase).url))
    const proxy = yield* tcpProxy(Number(url.port))
    url.hostname = "127.0.0.1"
    url.port = String(proxy.port)
    return yield* Effect.provide(effect(proxy.halfOpen), databaseAt(url.href, variables))
  }).pipe(Effect.scoped, Effect.timeout("30 seconds"))

const one = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT 1`)
const figures = Effect.flatMap(Database, (database) => database.figures)

/** Opens so many sessions, by as many transactions that wait for each other. */
const openSessions = Effect.fnUntraced(function* (count: number) {
  const sql = yield* SqlClient.SqlClient
  const all = yield* Latch.make(false)
  let arrived = 0
  const arrive = Effect.suspend(() => {
    arrived += 1
    return arrived === count ? all.open : all.await
  })
  const each = sql.withTransaction(Effect.andThen(sql`SELECT 1`, arrive))
  yield* Effect.all(
    Array.from({ length: count }, () => each),
    { concurrency: "unbounded" }
  )
})

/** How long an effect took, in milliseconds. */
const timed = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const begun = performance.now()
    return Effect.map(Effect.exit(effect), (exit) => ({ exit, elapsedMs: performance.now() - begun }))
  })

describe("connections that the network has forgotten", () => {
  it.live("are given up and replaced within 5 s, those that nobody uses with them", () =>
    behindProxy((forget) =>
      Effect.gen(function* () {
        yield* openSessions(3)
        yield* probe
        assert.strictEqual((yield* figures).total, 3)
        yield* forget
        const { elapsedMs, exit } = yield* timed(one)
        assert.strictEqual(exit._tag, "Failure")
        assert.isBelow(elapsedMs, 5000)
        yield* Effect.repeat(figures, { until: ({ total }) => total === 0 })
        assert.isBelow((yield* timed(one)).elapsedMs, 1000)
        yield* probe
      })
    )
  )

  it.live("are given up under a transaction too", () =>
    behindProxy((forget) =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const { elapsedMs, exit } = yield* timed(
          sql.withTransaction(Effect.andThen(sql`SELECT 1`, Effect.andThen(forget, sql`SELECT 2`)))
        )
        assert.strictEqual(exit._tag, "Failure")
        assert.isBelow(elapsedMs, 5000)
      })
    )
  )

  it.live("are replaced although nobody waits for their answer any more", () =>
    behindProxy((forget) =>
      Effect.gen(function* () {
        yield* one
        yield* forget
        yield* Effect.timeoutOption(one, "100 millis")
        yield* Effect.repeat(figures, {
          until: ({ total }) => total === 0,
          schedule: Schedule.spaced("20 millis")
        }).pipe(Effect.timeout("5 seconds"))
        yield* one
      })
    )
  )

  it.live("are not taken for those of a statement that takes long", () =>
    behindProxy(
      () =>
        Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          const slow = yield* Effect.forkChild(sql`SELECT pg_sleep(4), 'done' AS word`)
          const step = sql.withTransaction(
            Effect.andThen(
              sql`SELECT set_config('statement_timeout', '0', true)`,
              sql`SELECT pg_sleep(4), 'done' AS word`
            )
          )
          assert.propertyVal((yield* step)[0], "word", "done")
          assert.propertyVal((yield* Fiber.join(slow))[0], "word", "done")
        }),
      { TBG_DATABASE_STATEMENT_TIMEOUT_MS: "6000" }
    )
  )

  it.live("do not include a silent migration, even if Postgres cannot be asked about it", () =>
    Effect.gen(function* () {
      const { url } = yield* freshDatabase
      const role = `tbg_one_${(yield* Random.nextInt).toString(36).replace("-", "")}`
      const admin = Context.get(yield* Layer.build(testClient(url)), SqlClient.SqlClient)
      yield* Effect.acquireRelease(admin.unsafe(`CREATE ROLE ${role} LOGIN PASSWORD 'one' CONNECTION LIMIT 1`), () =>
        Effect.orDie(admin.unsafe(`DROP ROLE ${role}`))
      )
      const ofRole = new URL(Redacted.value(url))
      ofRole.username = role
      ofRole.password = "one"
      const migration = Effect.flatMap(SqlClient.SqlClient, (sql) => inTurn(sql`SELECT pg_sleep(3), 'done' AS word`, 1))
      const rows = yield* Effect.provide(
        migration,
        databaseAt(ofRole.href, { TBG_DATABASE_STATEMENT_TIMEOUT_MS: "200" })
      )
      assert.propertyVal(rows[0], "word", "done")
    }).pipe(Effect.scoped)
  )

  it.live("let the probe of readiness through on the second try", () =>
    behindProxy((forget) =>
      Effect.gen(function* () {
        yield* probe
        yield* forget
        assert.isBelow((yield* timed(probe)).elapsedMs, 3000)
      })
    )
  )
})
