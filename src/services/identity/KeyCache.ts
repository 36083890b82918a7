import { Clock, Context, Effect, Fiber, FiberSet, Result, Tracer } from "effect"
import type { DependencyDown } from "../../domain/Dependency.ts"
import type { TokenIssuer } from "../../domain/Identity.ts"
import { keySetOf, noKeys } from "./KeySet.ts"
import type { KeySet } from "./KeySet.ts"

/** Keys are refreshed at this age, so a withdrawn key is accepted for at most as long. */
const freshForMs = 10 * 60_000
/** Maximum age of keys that are used while the issuer does not respond. */
const staleForMs = 24 * 60 * 60_000
/** Minimum time between refreshes. Anyone can send tokens that name unknown keys, and each would cause one. */
const refreshDelayMs = 30_000
/** The same while the issuer does not respond; equals `Retry-After` of the 503. */
const retryDelayMs = 1_000

const logs = {
  ok: Effect.logInfo("identity provider available again"),
  empty: Effect.logWarning("identity provider publishes no usable key; all tokens are rejected"),
  down: Effect.logWarning("identity provider unavailable; cached keys are used for up to 24 hours")
}

const stateOf = (result: Result.Result<KeySet, DependencyDown>): keyof typeof logs => {
  if (Result.isFailure(result)) return "down"
  return result.success.size === 0 ? "empty" : "ok"
}

/**
 * Cache of an issuer's keys, loaded on demand. Keys are fresh for 10 minutes. While the issuer does not respond, stale
 * keys are used for up to 24 hours. All callers share one refresh.
 */
export const makeKeyCache = Effect.fnUntraced(function* (document: TokenIssuer["keySet"]) {
  const clock = yield* Clock.Clock
  // Monotonic, so that changes of the wall clock have no effect.
  const now = () => Number(clock.currentTimeNanosUnsafe() / 1_000_000n)
  // A refresh outlives the caller that starts it, because others wait for it too.
  const run = yield* FiberSet.makeRuntime()
  let cached = { keys: noKeys, since: Number.NEGATIVE_INFINITY }
  let down: DependencyDown | undefined
  let refreshedAt = Number.NEGATIVE_INFINITY
  let state: keyof typeof logs = "ok"
  let refreshing: Fiber.Fiber<void> | undefined

  const refresh = Effect.gen(function* () {
    const result = yield* Effect.result(Effect.flatMap(document, keySetOf))
    refreshedAt = now()
    down = Result.isFailure(result) ? result.failure : undefined
    if (Result.isSuccess(result)) cached = { keys: result.success, since: refreshedAt }
    const before = state
    state = stateOf(result)
    if (state !== before) yield* Effect.annotateLogs(logs[state], down === undefined ? {} : { fault: down.fault })
  })
  const startRefresh = (span: Tracer.AnySpan | undefined): Fiber.Fiber<void> => {
    const fiber = run(span === undefined ? refresh : Effect.withParentSpan(refresh, span))
    refreshing = fiber
    fiber.addObserver(() => {
      refreshing = undefined
    })
    return fiber
  }

  /** Starts or joins a refresh, unless the last one was too recent. */
  const refreshIfDue = Effect.withFiber<void>(({ context }) => {
    const delayMs = down === undefined ? refreshDelayMs : retryDelayMs
    if (refreshing === undefined && now() - refreshedAt < delayMs) return Effect.void
    return Fiber.join(refreshing ?? startRefresh(Context.getOrUndefined(context, Tracer.ParentSpan)))
  })

  const cachedKeys = (kid: string | undefined, maxAgeMs: number): KeySet | undefined => {
    if (now() - cached.since >= maxAgeMs) return undefined
    return kid === undefined || cached.keys.has(kid) ? cached.keys : undefined
  }

  /** Returns the keys that may verify a token with this `kid`; without one, any key may. */
  return Effect.fnUntraced(function* (kid: string | undefined): Effect.fn.Return<KeySet, DependencyDown> {
    const fresh = cachedKeys(kid, freshForMs)
    if (fresh !== undefined) return fresh
    const stale = cachedKeys(kid, staleForMs)
    if (stale !== undefined && down !== undefined) {
      run(refreshIfDue)
      return stale
    }
    yield* refreshIfDue
    const refreshed = cachedKeys(kid, staleForMs)
    if (refreshed !== undefined) return refreshed
    if (down !== undefined) return yield* down
    return cached.keys
  })
})
