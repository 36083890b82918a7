import { Clock, Context, Effect, Layer } from "effect"

export interface AboutOptions {
  readonly version: string
  readonly environment: string
  readonly buildSha: string
  /** The newest applied migration, where it is known, from memory. */
  readonly migration: Effect.Effect<string | undefined>
}

/** Identity and uptime of this process. */
export class About extends Context.Service<
  About,
  {
    readonly version: string
    readonly environment: string
    readonly buildSha: string
    /**
     * The newest applied migration, and seconds since the service was built, to the millisecond; wall clock changes do
     * not move them.
     */
    readonly now: Effect.Effect<{ readonly schema: string | null; readonly uptimeSeconds: number }>
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
          now: Effect.map(migration, (newest) => ({
            schema: newest ?? null,
            uptimeSeconds: Number((clock.currentTimeNanosUnsafe() - startedAt) / 1_000_000n) / 1000
          }))
        }
      })
    )
}
