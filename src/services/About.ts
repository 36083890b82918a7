import { Clock, Context, Effect, Layer } from "effect"

export interface AboutOptions {
  readonly version: string
  readonly environment: string
  readonly buildSha: string
  /** Latest applied migration, from memory; `undefined` if unknown. */
  readonly migration: Effect.Effect<string | undefined>
}

/** Identity and uptime of this process. */
export class About extends Context.Service<
  About,
  Omit<AboutOptions, "migration"> & {
    /** Latest applied migration, and the uptime, which changes of the wall clock do not affect. */
    readonly now: Effect.Effect<{ readonly schema: string | null; readonly uptimeSeconds: number }>
  }
>()("tbg-api/services/About") {
  static readonly layer = ({ migration, ...facts }: AboutOptions) =>
    Layer.effect(
      About,
      Effect.map(Clock.Clock, (clock) => {
        const startedAt = clock.currentTimeNanosUnsafe()
        const now = Effect.map(migration, (newest) => ({
          schema: newest ?? null,
          uptimeSeconds: Number((clock.currentTimeNanosUnsafe() - startedAt) / 1_000_000n) / 1000
        }))
        return { ...facts, now }
      })
    )
}
