import { Context, Effect, Exit, Layer, Schedule, Scope } from "effect"
import { SqlClient } from "effect/sql"
import { Redis } from "ioredis"
import { AppConfig } from "../../../src/layers/AppConfig.ts"
import { RedisStreams } from "../../../src/layers/mining/RedisStreams.ts"
import { Ids } from "../../../src/services/Ids.ts"
import { Gaps } from "../../../src/services/mining/Gaps.ts"
import { Leadership } from "../../../src/services/mining/Leadership.ts"
import { MiningSource } from "../../../src/services/mining/MiningSource.ts"
import { Projection } from "../../../src/services/mining/Projection.ts"
import { ProjectionLoop } from "../../../src/services/mining/ProjectionLoop.ts"
import { WeekChanges } from "../../../src/services/weeks/WeekChanges.ts"
import { WeekFold } from "../../../src/services/weeks/WeekFold.ts"
import { addressA } from "./Entries.ts"

/** Full stratum name of the worker of these tests. */
export const worker = `${addressA}.rig`

/** A process with a projection of its own. */
const loopOn = (url: string) =>
  Layer.fresh(
    ProjectionLoop.layer({ logsPostgres: true }).pipe(
      Layer.provide(Gaps.layer),
      Layer.provide(Projection.layer({ network: "regtest" })),
      Layer.provide(WeekFold.layer.pipe(Layer.provideMerge(WeekChanges.layer))),
      Layer.provide(Leadership.layer),
      Layer.provide(Ids.layer),
      Layer.provide(
        Layer.unwrap(Effect.map(RedisStreams, ({ read }) => MiningSource.layer(read ?? (() => Effect.succeed([])))))
      ),
      Layer.provide(RedisStreams.layer),
      Layer.provide(AppConfig.layerFrom({ TBG_ENVIRONMENT: "test", TBG_MINING_REDIS_URL: url }))
    )
  )

/** Starts it, until `stop` or the end of the scope. */
export const startLoop = (url: string) =>
  Effect.gen(function* () {
    const scope = yield* Effect.flatMap(Effect.scope, Scope.fork)
    const { isLeader, start } = Context.get(yield* Layer.build(loopOn(url)), ProjectionLoop)
    yield* Scope.provide(start, scope)
    return { isLeader, stop: Scope.close(scope, Exit.void) }
  })

/** Waits until a value is as expected. */
export const until = <A, E, R>(effect: Effect.Effect<A, E, R>, isDone: (value: A) => boolean) =>
  effect.pipe(Effect.repeat({ until: isDone, schedule: Schedule.spaced("20 millis") }), Effect.timeout("15 seconds"))

/** Number of counted shares. */
export const counted = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{ readonly shares: number }>`
    SELECT coalesce(sum(shares), 0)::int AS shares FROM tbg_api.mining_work_5m`
  return row?.shares ?? 0
})

/** Client of a Redis, until the scope closes. */
export const redisClient = (url: string) =>
  Effect.acquireRelease(
    Effect.sync(() => new Redis(url)),
    (client) => Effect.sync(() => client.disconnect())
  )

/** Sends a share at `seconds` since 1970, as the engine and the collector do. */
export const sendShare = (redis: Redis, seconds: number, reached: number) =>
  Effect.promise(() => {
    const data = JSON.stringify({ user: addressA, worker, diff: 1000, sdiff: reached, accepted: true })
    const fields = ["event", "share_submitted", "ts", String(seconds), "source", "hosted", "data", data]
    return redis.xadd("mining:share_submitted", "*", ...fields)
  })
