import { Effect } from "effect"
import { DependencyDown } from "../../src/domain/Dependency.ts"
import type { Answer, Ask, Policy, SharedStore } from "../../src/domain/RateLimit.ts"
import { RateLimiter } from "../../src/services/RateLimiter.ts"

/** Result of an unavailable store. */
export const down = Effect.fail(new DependencyDown({ fault: "unreachable" }))

/** Result of a store that admits everything. */
export const admitAll = (asks: ReadonlyArray<Ask>): Effect.Effect<ReadonlyArray<Answer>> =>
  Effect.succeed(asks.map(({ count }) => ({ used: 0, admitted: count, resetMicros: 1_000_000, retryMicros: 0 })))

/** A store with a given result that records its calls. */
export const mockStore = (
  answer: (asks: ReadonlyArray<Ask>) => ReturnType<SharedStore["ask"]>,
  { nodeOf = () => "", keysPerCall = 100 }: Partial<Pick<SharedStore, "nodeOf" | "keysPerCall">> = {}
) => {
  const asked: Array<ReadonlyArray<Ask>> = []
  const store: SharedStore = {
    ask: (asks) =>
      Effect.suspend(() => {
        asked.push(asks)
        return answer(asks)
      }),
    keysPerCall,
    nodeOf,
    probeKey: () => "probe",
    reset: () => Effect.void
  }
  return { asked, store }
}

export const limiterOver = (store: SharedStore, replicas = 1) =>
  RateLimiter.layer({ store, budgetMs: 50, replicas, maxKeys: 100 })

/** Four requests per second. */
export const policy: Policy = { name: "ip", limit: 4, windowMicros: 1_000_000 }

/** One request of a key under that policy. */
export const check = (key: string) => Effect.flatMap(RateLimiter, (limiter) => limiter.check(policy, key))

export const look = (key: string) => Effect.flatMap(RateLimiter, (limiter) => limiter.peek(policy, key))
