import { Cause, Clock, Context, Effect, Layer } from "effect"
import { memoize } from "effect/Function"
import { DependencyDown } from "../domain/Dependency.ts"
import { decisionOf, divideBudget, standingOf, storeKey } from "../domain/RateLimit.ts"
import type { Answer, Ask, Decision, Policy, SharedStore } from "../domain/RateLimit.ts"
import { makeAdmissionLogs } from "./rateLimit/AdmissionLog.ts"
import { makeBatcher } from "./rateLimit/Batcher.ts"
import { makeBreaker } from "./rateLimit/Breaker.ts"
import { makeMetrics } from "./rateLimit/Metrics.ts"

export interface RateLimiterOptions {
  /** `undefined` counts in this process alone. */
  readonly store: SharedStore | undefined
  /** The most that a check may wait for the store, in milliseconds. */
  readonly budgetMs: number
  /** How many processes share a limit that each has to keep by itself while the store is away. */
  readonly replicas: number
  /** How many keys this process remembers. */
  readonly maxKeys: number
}

const probePolicy: Policy = { name: "probe", limit: 1, windowMicros: 100_000, cost: 1 }

/** Counts in this process, and tells of it. */
const makeLocal = Effect.fnUntraced(function* (maxKeys: number) {
  const clock = yield* Clock.Clock
  const logs = makeAdmissionLogs(maxKeys)
  const metrics = yield* makeMetrics
  const now = () => Number(clock.currentTimeNanosUnsafe() / 1000n)
  return {
    metrics,
    check: (policy: Policy, key: string): Decision => {
      const decision = decisionOf(policy, logs.ask(storeKey(policy, key), policy, 1, now()), 0, "memory")
      metrics.decided(decision)
      return decision
    },
    look: (policy: Policy, key: string): Decision =>
      standingOf(policy, logs.ask(storeKey(policy, key), policy, 0, now()), "memory")
  }
})

const inProcess = (maxKeys: number) =>
  Effect.map(makeLocal(maxKeys), ({ check, look }) => ({
    check: (policy: Policy, key: string) => Effect.sync(() => check(policy, key)),
    look: (policy: Policy, key: string) => Effect.sync(() => look(policy, key))
  }))

const shared = Effect.fnUntraced(function* (store: SharedStore, { budgetMs, maxKeys, replicas }: RateLimiterOptions) {
  const context = yield* Effect.context()
  const local = yield* makeLocal(maxKeys)
  const { metrics } = local
  const { callMs, holdMs } = divideBudget(budgetMs)
  /** Asks the store within the budget; fails and never dies, as some request waits for it. */
  const askStore = (asks: ReadonlyArray<Ask>) =>
    Effect.timeoutOrElse(
      Effect.suspend(() => store.ask(asks)),
      { duration: callMs, orElse: () => Effect.fail(new DependencyDown({ fault: "timeout" })) }
    ).pipe(
      Effect.catchCause((cause) => {
        if (Cause.hasFails(cause)) return Effect.failCause(cause)
        const told = Effect.logError("could not ask Redis for a rate limit", cause)
        return Effect.andThen(told, Effect.fail(new DependencyDown({ fault: "failed" })))
      })
    )
  const breaker = yield* makeBreaker({
    probe: (key) => askStore([{ key: store.probeKey(key), policy: probePolicy, count: 1 }]),
    partOf: store.partOf,
    onChange: metrics.breaker
  })

  /** What one of the replicas may admit by itself: one object for each policy, as the policies are. */
  const shareOf = memoize((policy: Policy): Policy => ({
    ...policy,
    limit: Math.max(policy.cost, Math.ceil(policy.limit / replicas))
  }))

  const send = (asks: ReadonlyArray<Ask>) =>
    Effect.suspend(() => {
      const startedAt = performance.now()
      // All are in one part of the store: it has one, or they go a key at a time.
      const key = asks[0]?.key ?? ""
      // It may have been lost since they were asked for.
      if (breaker.isOpen(key)) return Effect.undefined
      return Effect.match(askStore(asks), {
        onSuccess: (answers) => {
          breaker.succeeded(key)
          metrics.roundTrip(performance.now() - startedAt)
          return answers
        },
        onFailure: (down) => {
          breaker.failed(key, down)
          return undefined
        }
      })
    })
  const ask = makeBatcher({ send, together: store.together, holdMs }, Effect.runForkWith(context))

  /** Asks the store, or decides in this process if the store does not answer. */
  const decide = (
    use: "admit" | "look",
    policy: Policy,
    key: string,
    shared: (answer: Answer, index: number) => Decision,
    locally: () => Decision
  ): Effect.Effect<Decision> =>
    Effect.callback((resume) => {
      const stored = storeKey(policy, key)
      if (breaker.isOpen(stored)) return resume(Effect.succeed(locally()))
      ask(stored, policy, use, (answer, index) =>
        resume(Effect.succeed(answer === undefined ? locally() : shared(answer, index)))
      )
    })

  return {
    check: (policy: Policy, key: string): Effect.Effect<Decision> => {
      const shared = (answer: Answer, index: number): Decision => {
        const decision = decisionOf(policy, answer, index, "redis")
        metrics.decided(decision)
        return decision
      }
      const locally = (): Decision => {
        metrics.fellBack(policy)
        return local.check(shareOf(policy), key)
      }
      return decide("admit", policy, key, shared, locally)
    },
    look: (policy: Policy, key: string): Effect.Effect<Decision> => {
      const shared = (answer: Answer): Decision => standingOf(policy, answer, "redis")
      return decide("look", policy, key, shared, () => local.look(shareOf(policy), key))
    }
  }
})

/**
 * Admits requests by an exact sliding window (contract section 5). It never fails and never waits longer than its
 * budget: without the store it counts in this process.
 */
export class RateLimiter extends Context.Service<
  RateLimiter,
  {
    /** Admits a request of `key`, which spends its cost, or denies it, which spends nothing. */
    readonly check: (policy: Policy, key: string) => Effect.Effect<Decision>
    /** Remaining requests; spends nothing. Checks and looks of one event-loop turn share a call to the store. */
    readonly look: (policy: Policy, key: string) => Effect.Effect<Decision>
  }
>()("tbg-api/services/RateLimiter") {
  static readonly layer = (options: RateLimiterOptions) =>
    Layer.effect(
      RateLimiter,
      Effect.suspend(() => (options.store === undefined ? inProcess(options.maxKeys) : shared(options.store, options)))
    )
}
