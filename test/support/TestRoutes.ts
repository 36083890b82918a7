import { Clock, Effect, Layer, Metric } from "effect"
import { HttpRouter, HttpServer } from "effect/http"
import { Routes } from "../../src/http/Routes.ts"
import { routerConfig } from "../../src/http/middleware/PathTable.ts"
import type { TokenIssuer } from "../../src/domain/Identity.ts"
import { AppConfig } from "../../src/layers/AppConfig.ts"
import type { Variables } from "../../src/layers/config/DotEnv.ts"
import { About } from "../../src/services/About.ts"
import type { Challenges } from "../../src/services/auth/Challenges.ts"
import { DatabaseHealth } from "../../src/services/DatabaseHealth.ts"
import type { DatabaseHealthOptions } from "../../src/services/DatabaseHealth.ts"
import { Identities } from "../../src/services/Identities.ts"
import { RateLimiter } from "../../src/services/RateLimiter.ts"
import { Readiness } from "../../src/services/Readiness.ts"
import type { ReadinessOptions } from "../../src/services/Readiness.ts"
import type { PlayerServices } from "../../src/services/auth/SignInServices.ts"
import type { LiveHub } from "../../src/services/live/LiveHub.ts"
import type { LiveSnapshot } from "../../src/services/live/LiveSnapshot.ts"
import { memoryHub, memoryLive } from "./live/MemoryLive.ts"
import { memoryPlayers } from "./memory/Players.ts"
import type { MiningReads } from "../../src/services/mining/MiningServices.ts"
import { memoryMining } from "./mining/MemoryMining.ts"
import { memoryTeams } from "./TestTeams.ts"
import type { TeamServices } from "./TestTeams.ts"
import { capturedLines, noServer } from "./MockLayers.ts"

export interface TestRoutesOptions {
  readonly variables?: Variables
  readonly readiness?: Partial<ReadinessOptions>
  readonly database?: Partial<DatabaseHealthOptions>
  /** Identity provider; none by default. */
  readonly issuer?: TokenIssuer
  /** Teams, keys and posts; none, in memory, by default. */
  readonly teams?: Layer.Layer<TeamServices>
  /** Accounts and sessions; none by default. */
  readonly players?: Layer.Layer<Exclude<PlayerServices, Challenges>>
  /** Mining data; one miner in memory by default. */
  readonly mining?: Layer.Layer<MiningReads>
  /** Live updates; empty states by default. */
  readonly live?: Layer.Layer<LiveSnapshot>
  /** Open streams; none by default. */
  readonly streams?: Layer.Layer<LiveHub>
  /** Receives each log line. */
  readonly write?: (line: string) => void
}

/** The services over dependencies that respond, unless `options` replaces them. */
export const testServices = ({
  database,
  issuer,
  live = memoryLive,
  players = memoryPlayers,
  mining = memoryMining,
  readiness,
  streams = memoryHub,
  teams = memoryTeams
}: TestRoutesOptions) =>
  DatabaseHealth.layer({
    figures: Effect.succeed({ max: 20, total: 3, active: 2, idle: 1, waiting: 0 }),
    migration: Effect.succeed("0001_baseline"),
    drift: Effect.succeed("none"),
    ...database
  }).pipe(
    Layer.provideMerge(
      Readiness.layer({
        database: Effect.void,
        redis: Effect.void,
        requiresRedis: false,
        timeoutMs: 1000,
        ...readiness
      })
    ),
    Layer.merge(teams),
    Layer.merge(players),
    Layer.merge(mining),
    Layer.merge(live),
    Layer.merge(streams),
    Layer.merge(Identities.layer(issuer)),
    Layer.merge(RateLimiter.layer({ store: undefined, budgetMs: 50, replicas: 1, maxKeys: 1000 })),
    Layer.merge(
      About.layer({
        version: "1.2.3",
        environment: "test",
        buildSha: "abc123",
        migration: database?.migration ?? Effect.succeed("0001_baseline")
      })
    )
  )

/** Sends requests to the real `Routes` without a socket, over mock dependencies, on the test clock. */
export const testRoutes = Effect.fnUntraced(function* (options: TestRoutesOptions = {}) {
  const clock = yield* Clock.Clock
  const registry = yield* Metric.MetricRegistry
  const routes = Routes.pipe(
    Layer.provide([testServices(options), noServer]),
    Layer.provide(AppConfig.layerFrom({ TBG_ENVIRONMENT: "test", ...options.variables })),
    Layer.provide(capturedLines(options.write ?? (() => {}))),
    Layer.provideMerge(HttpServer.layerServices),
    Layer.provideMerge(Layer.succeed(Clock.Clock, clock)),
    Layer.provideMerge(Layer.succeed(Metric.MetricRegistry, registry))
  )
  const { handler } = yield* Effect.acquireRelease(
    Effect.sync(() => HttpRouter.toWebHandler(routes, { disableLogger: true, routerConfig })),
    ({ dispose }) => Effect.promise(dispose)
  )
  return (path: string, init?: RequestInit) => {
    const headers = new Headers(init?.headers)
    headers.set("host", "localhost")
    return Effect.promise(() => handler(new Request(`http://localhost${path}`, { ...init, headers })))
  }
})

/** JSON body of a response. */
export const jsonOf = (response: Response): Effect.Effect<unknown> => Effect.promise(() => response.json())
