import { Context, Effect, Layer } from "effect"
import type { DependencyDown } from "../domain/Dependency.ts"
import type { Checks, ReadinessReport } from "../domain/Health.ts"
import { makeSharedCheck } from "./SharedCheck.ts"
import type { CheckResult } from "./SharedCheck.ts"

export interface ReadinessOptions {
  readonly database: Effect.Effect<void, DependencyDown>
  readonly redis: Effect.Effect<void, DependencyDown>
  /** Whether Redis is critical; without it the service serves with its limiter in the process. */
  readonly requiresRedis: boolean
  /** Within how many milliseconds every probe is answered. */
  readonly timeoutMs: number
}

/** Whether this process should get requests: what it needs answers, and it is not about to end (contract section 2). */
export class Readiness extends Context.Service<
  Readiness,
  {
    readonly report: Effect.Effect<ReadinessReport>
    readonly database: Effect.Effect<CheckResult>
    /** From now on, and for good, the report says `draining`. */
    readonly drain: Effect.Effect<void>
  }
>()("tbg-api/services/Readiness") {
  static readonly layer = (options: ReadinessOptions) =>
    Layer.effect(
      Readiness,
      Effect.gen(function* () {
        const deadline = { deadlineMs: options.timeoutMs }
        const database = yield* makeSharedCheck(options.database, deadline)
        const redis = yield* makeSharedCheck(options.redis, deadline)
        let draining = false

        const reportOf = (checks: Checks): ReadinessReport => {
          if (draining) return { ready: false, status: "draining", checks }
          if (checks.database !== "ok") return { ready: false, status: "degraded", checks }
          if (checks.redis === "ok") return { ready: true, status: "ready", checks }
          return { ready: !options.requiresRedis, status: "degraded", checks }
        }
        const report = Effect.map(Effect.all([database, redis], { concurrency: "unbounded" }), ([database, redis]) =>
          reportOf({ database: database.check, redis: redis.check })
        )
        return { report, database, drain: Effect.sync(() => void (draining = true)) }
      })
    )
}
