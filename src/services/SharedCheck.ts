import { Clock, Deferred, Effect, Fiber } from "effect"
import type { Scope } from "effect"
import type { DependencyDown, Fault } from "../domain/Dependency.ts"

export interface CheckResult {
  /** Fault; `undefined` if there is none. */
  readonly fault: Fault | undefined
  readonly elapsedMs: number
}

export interface SharedCheckOptions {
  /** How long a caller waits for its answer, in milliseconds. */
  readonly deadlineMs: number
}

type Outcome = CheckResult["fault"]

/** A dependency that has not answered for this long is asked anew; until then one question to it is enough. */
const abandonAfterMs = 10_000

/**
 * One check of a dependency for all callers at once: callers that arrive while one runs, or too soon after the last,
 * share the next answer. No answer is older than its caller by more than the check itself took.
 *
 * Checks begin a tenth of the deadline apart, so that a flood of probes costs a handful of queries. The deadline holds
 * whatever the dependency does: the probe runs on in the background, as a frozen server delays even its cancellation.
 */
export const makeSharedCheck = Effect.fnUntraced(function* (
  probe: Effect.Effect<void, DependencyDown>,
  { deadlineMs }: SharedCheckOptions
): Effect.fn.Return<Effect.Effect<CheckResult>, never, Scope.Scope> {
  const scope = yield* Effect.scope
  const spacingMs = deadlineMs / 10
  const answerWithinMs = deadlineMs - spacingMs
  let pending: Deferred.Deferred<CheckResult> | undefined
  let probing: { readonly fiber: Fiber.Fiber<Outcome>; readonly since: number } | undefined
  let notBefore = 0

  const asked = probe.pipe(
    Effect.as<Outcome>(undefined),
    Effect.catch(({ fault }) => Effect.succeed<Outcome>(fault)),
    Effect.catchCause(() => Effect.succeed<Outcome>("failed"))
  )
  const startProbe = Effect.fnUntraced(function* (now: number) {
    if (probing !== undefined) yield* Effect.forkDetach(Fiber.interrupt(probing.fiber))
    // Detached: a scope would wait at its end for what a frozen server does not let go.
    const fiber: Fiber.Fiber<Outcome> = yield* Effect.forkDetach(asked)
    probing = { fiber, since: now }
    fiber.addObserver(() => {
      if (probing?.fiber === fiber) probing = undefined
    })
    return fiber
  })
  const round = Effect.fnUntraced(function* (answer: Deferred.Deferred<CheckResult>) {
    const wait = notBefore - (yield* Clock.currentTimeMillis)
    if (wait > 0) yield* Effect.sleep(wait)
    const now = yield* Clock.currentTimeMillis
    notBefore = now + spacingMs
    const fiber = probing !== undefined && now - probing.since < abandonAfterMs ? probing.fiber : yield* startProbe(now)
    const begun = yield* Clock.currentTimeNanos
    const fault = yield* Effect.timeoutOrElse(Fiber.join(fiber), {
      duration: answerWithinMs,
      orElse: () => Effect.succeed<Outcome>("timeout")
    })
    const elapsedMs = Number((yield* Clock.currentTimeNanos) - begun) / 1e6
    pending = undefined
    yield* Deferred.succeed(answer, { fault, elapsedMs })
  })

  return Effect.suspend(() => {
    if (pending !== undefined) return Deferred.await(pending)
    const answer = Deferred.makeUnsafe<CheckResult>()
    pending = answer
    return Effect.andThen(Effect.forkIn(round(answer), scope), Deferred.await(answer))
  })
})
