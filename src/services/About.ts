import { Clock, Context, Effect, Layer } from "effect"

export interface AboutOptions {
  readonly version: string
  readonly environment: string
  readonly buildSha: string
  /** The newest applied migration, where it is known, from memory. */
  readonly migration: Effect.Effect<string | undefined>
}

/** What this process is and how long it has been running. */
export class About extends Context.Service<
  About,
  {
    readonly version: string
    readonly environment: string
    readonly buildSha: string
    readonly schema: Effect.Effect<string | null>
    /** Seconds since the service was built, in milliseconds' precision; wall clock changes do not move it. */
    readonly uptimeSeconds: Effect.Effect<number>
  }
>()("tbg-api/services/About") {
  static readonly layer = ({ buildSha, environment, migration, version }: AboutOptions) =>
    Layer.effect(
      About,
      Effect.map(Clock.Clock, (clock) => {
        const startedAt = clock.currentTimeNanosUnsafe()
        return {
          version,
          environment,
          buildSha,
          schema: Effect.map(migration, (newest) => newest ?? null),
          uptimeSeconds: Effect.sync(() => Number((clock.currentTimeNanosUnsafe() - startedAt) / 1_000_000n) / 1000)
        }
      })
    )
}
