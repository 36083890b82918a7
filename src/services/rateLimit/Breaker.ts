import { Effect } from "effect"
import type { Scope } from "effect"
import type { DependencyDown } from "../../domain/Dependency.ts"

/** So many failures one after the other open it: one alone is a hiccup. */
const tolerated = 3
const betweenProbes = "250 millis"

export interface BreakerOptions {
  /** Tries the store without a caller who waits. */
  readonly probe: Effect.Effect<unknown, DependencyDown>
  readonly onChange: (isOpen: boolean) => void
}

/**
 * A circuit breaker: open after three failures in a row, and closed again by a probe, so that while the store is away no
 * caller waits to find out.
 */
export const makeBreaker = Effect.fnUntraced(function* ({ onChange, probe }: BreakerOptions) {
  const scope = yield* Effect.scope
  const run = Effect.runForkWith(yield* Effect.context<Scope.Scope>())
  let failures = 0
  let isOpen = false

  const close = Effect.gen(function* () {
    isOpen = false
    failures = 0
    onChange(false)
    yield* Effect.logInfo("the rate limiter counts in redis again")
  })
  const recover = Effect.sleep(betweenProbes).pipe(Effect.andThen(probe), Effect.eventually, Effect.andThen(close))

  return {
    isOpen: (): boolean => isOpen,
    succeeded: (): void => {
      failures = 0
    },
    failed: ({ fault }: DependencyDown): void => {
      failures += 1
      if (isOpen || failures < tolerated) return
      isOpen = true
      onChange(true)
      const line = Effect.logWarning("the rate limiter counts in this process: redis does not answer")
      run(Effect.forkIn(Effect.andThen(Effect.annotateLogs(line, { fault }), recover), scope))
    }
  }
})
