import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { beforeEach } from "vitest"
import { Leadership } from "../../../src/services/mining/Leadership.ts"
import { MiningStatus } from "../../../src/services/mining/MiningStatus.ts"
import { capturedLogs } from "../../support/CapturedLogs.ts"
import { counted, redisClient, sendShare, startLoop, until } from "../../support/mining/Loops.ts"
import { miningDatabase } from "../../support/mining/MiningDatabase.ts"
import { pgbouncer, pooled } from "../../support/Pgbouncer.ts"
import { databaseAt } from "../../support/TestDatabaseLayer.ts"
import { throwawayRedis } from "../../support/ThrowawayRedis.ts"

const database = Layer.unwrap(Effect.map(miningDatabase, ({ url }) => databaseAt(Redacted.value(url))))

it.live("the projection resumes after Redis was frozen, and logs one line per change", () =>
  Effect.gen(function* () {
    const logs = yield* capturedLogs
    const projectionLines = () =>
      logs.entries.map(({ message }) => message).filter((line) => line.startsWith("mining projection"))
    yield* Effect.gen(function* () {
      const server = yield* throwawayRedis()
      const now = (yield* Clock.currentTimeMillis) / 1000
      const redis = yield* redisClient(server.url)
      const { isLeader, stop } = yield* startLoop(server.url)
      yield* sendShare(redis, now, 1)
      yield* until(counted, (count) => count === 1)
      const status = Effect.provide(
        Effect.flatMap(MiningStatus, ({ current }) => current),
        MiningStatus.layer(isLeader)
      )
      yield* server.signal("SIGSTOP")
      yield* until(status, ({ lag_ms }) => lag_ms !== null && lag_ms > 3000)
      assert.isTrue(yield* isLeader)
      yield* server.signal("SIGCONT")
      yield* sendShare(redis, now, 2)
      yield* until(counted, (count) => count === 2)
      yield* until(status, ({ lag_ms }) => lag_ms === 0)
      // The line follows the commit, so that stopping at once would suppress it.
      yield* until(Effect.sync(projectionLines), (lines) => lines.length > 1)
      yield* stop
      assert.isFalse((yield* status).is_led)
    }).pipe(Effect.provide(database), Effect.provide(logs.layer))
    assert.deepStrictEqual(projectionLines(), [
      "mining projection paused; Redis unavailable",
      "mining projection resumed"
    ])
  })
)

it.live("a leader that freezes in a transaction loses the lease, and commits nothing", () =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const { acquire, commit } = yield* Leadership
    const frozen = yield* acquire("frozen")
    assert.isDefined(frozen)
    const write = sql`INSERT INTO tbg_api.mining_counters VALUES ('frozen', '', 1)`
    const fiber = yield* Effect.forkScoped(commit(frozen, () => Effect.andThen(write, Effect.never)))
    yield* until(acquire("next"), (lease) => lease !== undefined)
    yield* Fiber.interrupt(fiber)
    assert.deepStrictEqual(yield* sql`SELECT * FROM tbg_api.mining_counters`, [])
    assert.strictEqual((yield* Effect.flip(commit(frozen, () => write)))._tag, "LeadershipLost")
  }).pipe(Effect.provide(Layer.provideMerge(Leadership.layer, database)))
)

describe("behind PgBouncer in transaction mode", () => {
  beforeEach((context) => context.skip(pgbouncer.isMissing, pgbouncer.reason))

  const pooledDatabase = Layer.unwrap(
    Effect.gen(function* () {
      const { url } = yield* miningDatabase
      const pooledUrl = yield* pooled(Redacted.value(url), 6)
      return databaseAt(pooledUrl, { TBG_DATABASE_STATEMENT_CACHE: "false" })
    })
  )

  it.live("the projection counts shares, and another process takes over", () =>
    Effect.gen(function* () {
      const server = yield* throwawayRedis()
      const redis = yield* redisClient(server.url)
      const now = (yield* Clock.currentTimeMillis) / 1000
      const first = yield* startLoop(server.url)
      yield* until(first.isLeader, (leads) => leads)
      const second = yield* startLoop(server.url)
      yield* sendShare(redis, now, 1)
      yield* until(counted, (count) => count === 1)
      yield* first.stop
      yield* until(second.isLeader, (leads) => leads)
      yield* sendShare(redis, now, 2)
      yield* until(counted, (count) => count === 2)
    }).pipe(Effect.provide(pooledDatabase))
  )
})
