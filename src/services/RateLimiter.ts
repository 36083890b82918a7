import { Cause, Clock, Context, Effect, Layer, Tracer } from "effect"
import { memoize } from "effect/Function"
import { DependencyDown } from "../domain/Dependency.ts"
import { decisionOf, divideBudget, standingOf, storeKey } from "../domain/RateLimit.ts"
import type { Answer, Ask, Decision, Policy, SharedStore } from "../domain/RateLimit.ts"
import { makeAdmissionLogs } from "./rateLimit/AdmissionLog.ts"
import { makeBatcher } from "./rateLimit/Batcher.ts"
import type { Check } from "./rateLimit/Batcher.ts"
import { makeBreaker } from "./rateLimit/Breaker.ts"
import { makeMetrics } from "./rateLimit/LimiterMetrics.ts"

export interface RateLimiterOptions {
  /** `undefined` counts in this process only. */
  readonly store: SharedStore | undefined
  /** Maximum time that a check waits for the store, in milliseconds. */
  readonly budgetMs: number
  /** Number of processes that share a limit; each enforces its share while the store is down. */
  readonly replicas: number
  /** Maximum number of keys counted in this process. */
  readonly maxKeys: number
}

const probePolicy: Policy = { name: "probe", limit: 1, windowMicros: 100_000 }

const makeLocal = Effect.fnUntraced(function* (maxKeys: number) {
  const clock = yield* Clock.Clock
  const logs = makeAdmissionLogs(maxKeys)
  const metrics = yield* makeMetrics
  const now = () => Number(clock.currentTimeNanosUnsafe() / 1000n)
  return {
    metrics,
    check: (policy: Policy, key: string): Decision => {
      const decision = decisionOf(policy, logs.ask(storeKey(policy, key), policy, 1, now()), 0, "memory")
      metrics.recordDecision(decision)
      return decision
    },
    peek: (policy: Policy, key: string): Decision =>
      standingOf(policy, logs.ask(storeKey(policy, key), policy, 0, now()), "memory")
  }
})

const inProcess = (maxKeys: number) =>
  Effect.map(makeLocal(maxKeys), ({ check, peek }) => ({
    check: (policy: Policy, key: string) => Effect.sync(() => check(policy, key)),
    peek: (policy: Policy, key: string) => Effect.sync(() => peek(policy, key))
  }))

const withStore = Effect.fnUntraced(function* (
  store: SharedStore,
  { budgetMs, maxKeys, replicas }: RateLimiterOptions
) {
  const context = yield* Effect.context()
  const local = yield* makeLocal(maxKeys)
  const { metrics } = local
  const { callMs, holdMs } = divideBudget(budgetMs)

  /** Asks the store within the budget. Defects become failures, because requests wait for the result. */
  const askStore = (asks: ReadonlyArray<Ask>) =>
    Effect.timeoutOrElse(
      Effect.suspend(() => store.ask(asks)),
      { duration: callMs, orElse: () => Effect.fail(new DependencyDown({ fault: "timeout" })) }
    ).pipe(
      Effect.catchCause((cause) => {
        if (Cause.hasFails(cause)) return Effect.failCause(cause)
        const log = Effect.logError("rate-limit check in Redis failed", cause)
        return Effect.andThen(log, Effect.fail(new DependencyDown({ fault: "failed" })))
      })
    )
  const breaker = yield* makeBreaker({
    probe: (key) => askStore([{ key: store.probeKey(key), policy: probePolicy, count: 1 }]),
    nodeOf: store.nodeOf,
    onChange: metrics.setOpenBreakers
  })

  /** Share of one replica. Memoized because each policy must stay one object. */
  const shareOf = memoize((policy: Policy): Policy => ({ ...policy, limit: Math.ceil(policy.limit / replicas) }))

  const send = (asks: ReadonlyArray<Ask>) =>
    Effect.suspend(() => {
      const startedAt = performance.now()
      // All keys of a call are on one node.
      const key = asks[0]?.key ?? ""
      // The breaker may have opened since the checks were queued.
      if (breaker.isOpen(key)) return Effect.undefined
      return Effect.match(askStore(asks), {
        onSuccess: (answers) => {
          breaker.recordSuccess(key)
          metrics.recordCall(performance.now() - startedAt)
          return answers
        },
        onFailure: (down) => {
          breaker.recordFailure(key, down)
          return undefined
        }
      })
    })
  const enqueue = makeBatcher({ send, keysPerCall: store.keysPerCall, holdMs }, Effect.runForkWith(context))

  const decide = (
    use: Check["use"],
    policy: Policy,
    key: string,
    decisionFrom: (answer: Answer, index: number) => Decision,
    decideLocally: () => Decision
  ): Effect.Effect<Decision> =>
    Effect.withFiber((fiber) =>
      Effect.callback((resume) => {
        const stored = storeKey(policy, key)
        if (breaker.isOpen(stored)) return resume(Effect.succeed(decideLocally()))
        const span = Context.getOrUndefined(fiber.context, Tracer.ParentSpan)
        enqueue({ key: stored, policy, use, span }, (answer, index) =>
          resume(Effect.succeed(answer === undefined ? decideLocally() : decisionFrom(answer, index)))
        )
      })
    )

  return {
    check: (policy: Policy, key: string): Effect.Effect<Decision> => {
      const decisionFrom = (answer: Answer, index: number): Decision => {
        const decision = decisionOf(policy, answer, index, "redis")
        metrics.recordDecision(decision)
        return decision
      }
      const decideLocally = (): Decision => {
        metrics.recordFallback(policy)
        return local.check(shareOf(policy), key)
      }
      return decide("admit", policy, key, decisionFrom, decideLocally)
    },
    peek: (policy: Policy, key: string): Effect.Effect<Decision> => {
      const standingFrom = (answer: Answer): Decision => standingOf(policy, answer, "redis")
      return decide("peek", policy, key, standingFrom, () => local.peek(shareOf(policy), key))
    }
  }
})

/**
 * Exact sliding-window rate limiter (contract section 5). It never fails and never waits longer than its budget. Without
 * the store it counts in this process.
 */
export class RateLimiter extends Context.Service<
  RateLimiter,
  {
    /** Admits a request of `key`, or denies it; a denied request does not count. */
    readonly check: (policy: Policy, key: string) => Effect.Effect<Decision>
    /** Reads the window without counting. Shares a call to the store with the checks of the same event-loop turn. */
    readonly peek: (policy: Policy, key: string) => Effect.Effect<Decision>
  }
>()("tbg-api/services/RateLimiter") {
  static readonly layer = (options: RateLimiterOptions) =>
    Layer.effect(
      RateLimiter,
      Effect.suspend(() =>
        options.store === undefined ? inProcess(options.maxKeys) : withStore(options.store, options)
      )
    )
}
