import { assert, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { MiningStatus } from "../../../src/services/mining/MiningStatus.ts"
import { addressA } from "../../support/mining/Entries.ts"
import { counted, redisClient, sendShare, startLoop, until, worker } from "../../support/mining/Loops.ts"
import { miningDatabase } from "../../support/mining/MiningDatabase.ts"
import { databaseAt } from "../../support/TestDatabaseLayer.ts"
import { throwawayRedis } from "../../support/ThrowawayRedis.ts"

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
      const redis = yield* redisClient(server.url)
      const [seconds] = yield* Effect.promise(() => redis.time())
      const now = Number(seconds)
      const send = (shares: ReadonlyArray<SentShare>) =>
        Effect.forEach(shares, ({ ageSeconds, reached }) => sendShare(redis, now - ageSeconds, reached))

      // Archived before the first start, one of them also in the stream.
      yield* archive([shareAt(90_000, 1), shareAt(7000, 2), shareAt(20, 3)], now)
      yield* send([shareAt(20, 3), shareAt(19, 4)])
      const first = yield* startLoop(server.url)
      yield* until(counted, (shares) => shares === 4)
      assert.isTrue(yield* first.isLeader)

      // Lost from Redis before they were read, except for one that is counted already.
      const second = yield* startLoop(server.url)
      yield* first.stop
      yield* until(second.isLeader, (leads) => leads)
      yield* archive([shareAt(19, 4), shareAt(18, 5)], now)
      yield* Effect.promise(() => redis.flushall())
      yield* send([shareAt(16, 7), shareAt(16, 7)])
      yield* until(counted, (shares) => shares === 5)
      // The collector is late. Its share after the gap shows that it has written those before.
      yield* archive([shareAt(17, 6), shareAt(-60, 8)], now)
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
