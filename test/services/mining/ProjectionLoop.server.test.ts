import { assert, it } from "@effect/vitest"
import { Context, Effect, Fiber, Layer, Redacted, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { Redis } from "ioredis"
import { AppConfig } from "../../../src/layers/AppConfig.ts"
import { RedisStreams } from "../../../src/layers/mining/RedisStreams.ts"
import { Ids } from "../../../src/services/Ids.ts"
import { Gaps } from "../../../src/services/mining/Gaps.ts"
import { Leadership } from "../../../src/services/mining/Leadership.ts"
import { MiningSource } from "../../../src/services/mining/MiningSource.ts"
import { MiningStatus } from "../../../src/services/mining/MiningStatus.ts"
import { Projection } from "../../../src/services/mining/Projection.ts"
import { ProjectionLoop } from "../../../src/services/mining/ProjectionLoop.ts"
import { addressA } from "../../support/mining/Entries.ts"
import { miningDatabase } from "../../support/mining/MiningDatabase.ts"
import { databaseAt } from "../../support/TestDatabaseLayer.ts"
import { throwawayRedis } from "../../support/ThrowawayRedis.ts"

const worker = `${addressA}.rig`

/** A process with a projection of its own. */
const loopOn = (url: string) =>
  Layer.fresh(
    ProjectionLoop.layer.pipe(
      Layer.provide(Gaps.layer),
      Layer.provide(Projection.layer({ network: "regtest" })),
      Layer.provide(Leadership.layer),
      Layer.provide(Ids.layer),
      Layer.provide(
        Layer.unwrap(Effect.map(RedisStreams, ({ read }) => MiningSource.layer(read ?? (() => Effect.succeed([])))))
      ),
      Layer.provide(RedisStreams.layer),
      Layer.provide(AppConfig.layerFrom({ TBG_ENVIRONMENT: "test", TBG_MINING_REDIS_URL: url }))
    )
  )

const startLoop = (url: string) =>
  Effect.gen(function* () {
    const loop = Context.get(yield* Layer.build(loopOn(url)), ProjectionLoop)
    return { ...loop, fiber: yield* Effect.forkScoped(loop.run) }
  })

const until = <A, E, R>(effect: Effect.Effect<A, E, R>, isDone: (value: A) => boolean) =>
  effect.pipe(Effect.repeat({ until: isDone, schedule: Schedule.spaced("20 millis") }), Effect.timeout("15 seconds"))

const counted = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{ readonly shares: number }>`
    SELECT coalesce(sum(shares), 0)::int AS shares FROM tbg_api.mining_work_5m`
  return row?.shares ?? 0
})

/** A share `ageSeconds` ago, as the engine sends it and as the collector archives it. */
const shareAt = (ageSeconds: number, reached: number) => ({ ageSeconds, reached })
type SentShare = ReturnType<typeof shareAt>

const archive = Effect.fnUntraced(function* (shares: ReadonlyArray<SentShare>, now: number) {
  const sql = yield* SqlClient.SqlClient
  yield* Effect.forEach(
    shares,
    ({ ageSeconds, reached }) => sql`
      INSERT INTO public.shares (time, btc_address, worker_name, difficulty, share_diff)
      VALUES (to_timestamp(${now - ageSeconds}::double precision), ${addressA}, ${worker}, 1000, ${reached})`
  )
})

const services = Layer.unwrap(Effect.map(miningDatabase, ({ url }) => databaseAt(Redacted.value(url))))

it.live(
  "the projection counts each share once over a first start, a takeover and a flushed Redis",
  () =>
    Effect.gen(function* () {
      const server = yield* throwawayRedis()
      const redis = yield* Effect.acquireRelease(
        Effect.sync(() => new Redis(server.url)),
        (client) => Effect.promise(() => client.quit())
      )
      const [seconds] = yield* Effect.promise(() => redis.time())
      const now = Number(seconds)
      const send = (shares: ReadonlyArray<SentShare>) =>
        Effect.forEach(shares, ({ ageSeconds, reached }) =>
          Effect.promise(() => {
            const data = JSON.stringify({ user: addressA, worker, diff: 1000, sdiff: reached, accepted: true })
            const ts = String(now - ageSeconds)
            return redis.xadd("mining:share_submitted", "*", "event", "share_submitted", "ts", ts, "data", data)
          })
        )

      // Archived before the first start, one of them also in the stream.
      yield* archive([shareAt(90_000, 1), shareAt(7000, 2), shareAt(20, 3)], now)
      yield* send([shareAt(20, 3), shareAt(19, 4)])
      const first = yield* startLoop(server.url)
      yield* until(counted, (shares) => shares === 4)
      assert.isTrue(yield* first.isLeader)

      // Lost from Redis before they were read, except for one that is counted already.
      const second = yield* startLoop(server.url)
      yield* Fiber.interrupt(first.fiber)
      yield* until(second.isLeader, (leads) => leads)
      yield* archive([shareAt(19, 4), shareAt(18, 5), shareAt(17, 6)], now)
      yield* Effect.promise(() => redis.flushall())
      yield* send([shareAt(16, 7), shareAt(16, 7)])
      yield* until(counted, (shares) => shares === 7)

      const status = yield* Effect.flatMap(MiningStatus, ({ current }) => current).pipe(
        Effect.provide(MiningStatus.layer(second.isLeader))
      )
      const { duplicates, lag_ms, leader, quarantined, refills } = status
      assert.deepStrictEqual(
        { status: status.status, duplicates, lag_ms, leader, quarantined, refills },
        { status: "ok", duplicates: 1, lag_ms: 0, leader: true, quarantined: 0, refills: 2 }
      )
      const sql = yield* SqlClient.SqlClient
      yield* until(sql`SELECT FROM tbg_api.mining_gaps WHERE finished_at IS NULL`, (open) => open.length === 0)
      assert.strictEqual(yield* counted, 7)
    }).pipe(Effect.provide(services)),
  { timeout: 60_000 }
)
