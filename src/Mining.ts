import { Effect, Layer } from "effect"
import { AppConfig } from "./layers/AppConfig.ts"
import { RedisStreams } from "./layers/mining/RedisStreams.ts"
import { Ids } from "./services/Ids.ts"
import { Gaps } from "./services/mining/Gaps.ts"
import { Leadership } from "./services/mining/Leadership.ts"
import { MiningSource, MiningStreams } from "./services/mining/MiningSource.ts"
import { MiningStatus } from "./services/mining/MiningStatus.ts"
import { Projection } from "./services/mining/Projection.ts"
import { ProjectionLoop } from "./services/mining/ProjectionLoop.ts"
import { observeProjection } from "./services/mining/ProjectionMetrics.ts"
import { WeekChanges } from "./services/weeks/WeekChanges.ts"
import { WeekFold } from "./services/weeks/WeekFold.ts"

/** Projects mining events, from Redis or, without a server, from streams in this process. The tables must exist. */
const projecting = (options: { readonly logsPostgres: boolean }) =>
  Layer.effectDiscard(Effect.flatMap(ProjectionLoop, ({ start }) => start)).pipe(
    Layer.provideMerge(ProjectionLoop.layer(options)),
    Layer.provide(Gaps.layer),
    Layer.provide(Layer.unwrap(Effect.map(AppConfig, ({ mining }) => Projection.layer(mining)))),
    Layer.provide(
      Layer.unwrap(
        Effect.gen(function* () {
          const embedded = yield* MiningStreams
          const { read = embedded.read } = yield* RedisStreams
          return MiningSource.layer(read)
        })
      )
    ),
    Layer.provide(Layer.provideMerge(WeekFold.layer, WeekChanges.layer)),
    Layer.provide([Leadership.layer, Ids.layer, RedisStreams.layer]),
    Layer.provideMerge(MiningStreams.layer)
  )

const StatusOfLeader = Layer.unwrap(Effect.map(ProjectionLoop, ({ isLeader }) => MiningStatus.layer(isLeader)))

/** Metrics of the projection in every process, unless `TBG_METRICS_ENABLED` is off. */
const Metrics = Layer.effectDiscard(
  Effect.flatMap(AppConfig, ({ metrics }) => (metrics.enabled ? observeProjection : Effect.void))
)

/** Projection of a process, with its status and metrics. */
export const miningProjection = (options: { readonly logsPostgres: boolean }) =>
  Metrics.pipe(Layer.provideMerge(StatusOfLeader), Layer.provideMerge(projecting(options)))

/** Status and metrics of the projection, which runs in this process if `TBG_PROJECTION` is on. */
export const Mining = Layer.unwrap(
  Effect.map(AppConfig, ({ mining }) =>
    mining.projection
      ? miningProjection({ logsPostgres: false })
      : Layer.provideMerge(Metrics, MiningStatus.layer(Effect.succeed(false)))
  )
)
