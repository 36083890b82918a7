import { Context, Effect, Layer } from "effect"
import { isWriteFault } from "../domain/Dependency.ts"
import type { DependencyDown, Fault } from "../domain/Dependency.ts"
import { checkOf } from "../domain/Health.ts"
import type { ReadinessReport } from "../domain/Health.ts"
import { makeSharedCheck } from "./SharedCheck.ts"
import type { CheckResult } from "./SharedCheck.ts"

export interface ReadinessOptions {
  readonly database: Effect.Effect<void, DependencyDown>
  readonly redis: Effect.Effect<void, DependencyDown>
  /** If false, the service is ready without Redis and limits requests in this process. */
  readonly requiresRedis: boolean
  /** Maximum response time of a probe, in milliseconds. */
  readonly timeoutMs: number
}

/** Whether this process should receive requests (contract section 2). */
export class Readiness extends Context.Service<
  Readiness,
  {
    readonly report: Effect.Effect<ReadinessReport>
    readonly database: Effect.Effect<CheckResult>
    /** Makes every later report `draining`. */
    readonly drain: Effect.Effect<void>
  }
>()("tbg-api/services/Readiness") {
  static readonly layer = (options: ReadinessOptions) =>
    Layer.effect(
      Readiness,
      Effect.gen(function* () {
        const database = yield* makeSharedCheck(options.database, options.timeoutMs)
        const redis = yield* makeSharedCheck(options.redis, options.timeoutMs)
        let isDraining = false

        const reportOf = (database: Fault | undefined, redis: Fault | undefined): ReadinessReport => {
          const checks = { database: checkOf(database), redis: checkOf(redis) }
          if (isDraining) return { ready: false, status: "draining", checks }
          if (database === undefined && redis === undefined) return { ready: true, status: "ready", checks }
          const canRead = database === undefined || isWriteFault(database)
          const canLimit = redis === undefined || !options.requiresRedis
          return { ready: canRead && canLimit, status: "degraded", checks }
        }
        const report = Effect.map(Effect.all([database, redis], { concurrency: "unbounded" }), ([database, redis]) =>
          reportOf(database.fault, redis.fault)
        )
        return { report, database, drain: Effect.sync(() => void (isDraining = true)) }
      })
    )
}
