import { Clock, Deferred, Effect, Fiber } from "effect"
import type { Scope } from "effect"
import type { DependencyDown, Fault } from "../domain/Dependency.ts"

export interface CheckResult {
  readonly fault: Fault | undefined
  readonly elapsedMs: number
}

type Outcome = Fault | undefined

/** Time after which an unanswered probe is replaced by a new one. */
const abandonAfterMs = 10_000

/**
 * Shares one check of a dependency among concurrent callers. Checks start at least a tenth of the deadline apart, so a
 * burst of callers causes few probes. At the deadline the result is `timeout`, and the probe continues in the
 * background, because a frozen server delays even the interruption of a probe.
 */
export const makeSharedCheck = Effect.fnUntraced(function* (
  probe: Effect.Effect<void, DependencyDown>,
  deadlineMs: number
): Effect.fn.Return<Effect.Effect<CheckResult>, never, Scope.Scope> {
  const scope = yield* Effect.scope
  const spacingMs = deadlineMs / 10
  const timeoutMs = deadlineMs - spacingMs
  let pending: Deferred.Deferred<CheckResult> | undefined
  let probing: { readonly fiber: Fiber.Fiber<Outcome>; readonly since: number } | undefined
  let notBefore = 0

  const outcome = probe.pipe(
    Effect.as<Outcome>(undefined),
    Effect.catch(({ fault }) => Effect.succeed<Outcome>(fault)),
    Effect.catchCause(() => Effect.succeed<Outcome>("failed"))
  )
  const startProbe = Effect.fnUntraced(function* (now: number) {
    if (probing !== undefined) yield* Effect.forkDetach(Fiber.interrupt(probing.fiber))
    // Detached, because closing a scope would wait for a frozen server.
    const fiber: Fiber.Fiber<Outcome> = yield* Effect.forkDetach(outcome)
    probing = { fiber, since: now }
    fiber.addObserver(() => {
      if (probing?.fiber === fiber) probing = undefined
    })
    return fiber
  })
  const runCheck = Effect.fnUntraced(function* (result: Deferred.Deferred<CheckResult>) {
    const wait = notBefore - (yield* Clock.currentTimeMillis)
    if (wait > 0) yield* Effect.sleep(wait)
    const now = yield* Clock.currentTimeMillis
    notBefore = now + spacingMs
    const fiber = probing !== undefined && now - probing.since < abandonAfterMs ? probing.fiber : yield* startProbe(now)
    const startedAt = yield* Clock.currentTimeNanos
    const fault = yield* Effect.timeoutOrElse(Fiber.join(fiber), {
      duration: timeoutMs,
      orElse: () => Effect.succeed<Outcome>("timeout")
    })
    const elapsedMs = Number((yield* Clock.currentTimeNanos) - startedAt) / 1e6
    pending = undefined
    yield* Deferred.succeed(result, { fault, elapsedMs })
  })

  return Effect.suspend(() => {
    if (pending !== undefined) return Deferred.await(pending)
    const result = Deferred.makeUnsafe<CheckResult>()
    pending = result
    return Effect.andThen(Effect.forkIn(runCheck(result), scope), Deferred.await(result))
  })
})
