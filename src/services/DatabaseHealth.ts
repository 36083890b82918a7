import { Context, Effect, Layer } from "effect"
import type { DatabaseReport, Drift, PoolFigures } from "../domain/Health.ts"
import { Readiness } from "./Readiness.ts"

export interface DatabaseHealthOptions {
  readonly figures: Effect.Effect<PoolFigures>
  /** Latest applied migration; `undefined` if unknown. */
  readonly migration: Effect.Effect<string | undefined>
  readonly drift: Effect.Effect<Drift>
}

/** State of the database for operators: its response time, the pool and the schema. */
export class DatabaseHealth extends Context.Service<
  DatabaseHealth,
  { readonly report: Effect.Effect<DatabaseReport> }
>()("tbg-api/services/DatabaseHealth") {
  static readonly layer = ({ drift, figures, migration }: DatabaseHealthOptions) =>
    Layer.effect(
      DatabaseHealth,
      Effect.map(Readiness, ({ database }) => ({
        report: Effect.gen(function* () {
          const { elapsedMs, fault } = yield* database
          return {
            status: fault === undefined ? ("healthy" as const) : ("unhealthy" as const),
            response_time_ms: Math.round(elapsedMs * 1000) / 1000,
            pool: yield* figures,
            migration: (yield* migration) ?? null,
            drift: yield* drift,
            error: fault ?? null
          }
        })
      }))
    )
}
