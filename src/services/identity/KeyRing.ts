import { Clock, Effect, Fiber, FiberSet, Result } from "effect"
import type { Tracer } from "effect"
import type { DependencyDown } from "../../domain/Dependency.ts"
import type { TokenIssuer } from "../../domain/Identity.ts"
import { keySetOf, noKeys } from "./KeySet.ts"
import type { KeySet } from "./KeySet.ts"

/** For so long keys are used as they are: a key that its issuer has withdrawn is refused after it. */
const freshForMs = 10 * 60_000
/** For so long after the last answer they are used while the issuer does not answer. */
const usedForMs = 24 * 60 * 60_000
/** Tokens with unknown keys, of which anybody can make any number, do not have it asked more often. */
const pauseMs = 30_000
/** While it does not answer: what callers of a 503 are told to wait. */
const pauseWhileDownMs = 1_000

/** What is said of the issuer when it changes. */
const lines = {
  ok: Effect.logInfo("the identity provider answers again"),
  empty: Effect.logWarning("the identity provider publishes no key that can be used: no token is accepted"),
  down: Effect.logWarning("the identity provider does not answer: its known keys are used for a day")
}

const stateOf = (answer: Result.Result<KeySet, DependencyDown>): keyof typeof lines => {
  if (Result.isFailure(answer)) return "down"
  return answer.success.size === 0 ? "empty" : "ok"
}

/**
 * The keys of an issuer, asked for when they are needed and kept: fresh for ten minutes, and while the issuer does not
 * answer for a day. A key that is not known has it asked again, for all who wait at once, and not without a pause.
 */
export const makeKeyRing = Effect.fnUntraced(function* (document: TokenIssuer["keySet"]) {
  const clock = yield* Clock.Clock
  // Changes of the wall clock move nothing here.
  const now = () => Number(clock.currentTimeNanosUnsafe() / 1_000_000n)
  // Whoever asked first may go: the others wait for the answer too.
  const run = yield* FiberSet.makeRuntime()
  let held = { keys: noKeys, since: Number.NEGATIVE_INFINITY }
  let down: DependencyDown | undefined
  let askedAt = Number.NEGATIVE_INFINITY
  let state: keyof typeof lines = "ok"
  let asking: Fiber.Fiber<void> | undefined

  const ask = Effect.gen(function* () {
    const answer = yield* Effect.result(Effect.flatMap(document, keySetOf))
    askedAt = now()
    down = Result.isFailure(answer) ? answer.failure : undefined
    if (Result.isSuccess(answer)) held = { keys: answer.success, since: askedAt }
    const before = state
    state = stateOf(answer)
    if (state !== before) yield* Effect.annotateLogs(lines[state], down === undefined ? {} : { fault: down.fault })
  })
  /** In the trace of whoever asks first. */
  const start = (span: Tracer.AnySpan | undefined): Fiber.Fiber<void> => {
    const fiber = run(span === undefined ? ask : Effect.withParentSpan(ask, span))
    asking = fiber
    fiber.addObserver(() => {
      asking = undefined
    })
    return fiber
  }

  /** Asks, or joins who does; not within the pause after an answer. */
  const asked = Effect.withFiber<void>(({ cache }) => {
    const pause = down === undefined ? pauseMs : pauseWhileDownMs
    if (asking === undefined && now() - askedAt < pause) return Effect.void
    return Fiber.join(asking ?? start(cache.span))
  })

  const usable = (kid: string | undefined, forMs: number): KeySet | undefined => {
    if (now() - held.since >= forMs) return undefined
    return kid === undefined || held.keys.has(kid) ? held.keys : undefined
  }

  /** The keys to check a token with that names this one: a token without a name may be by any of them. */
  return Effect.fnUntraced(function* (kid: string | undefined): Effect.fn.Return<KeySet, DependencyDown> {
    const fresh = usable(kid, freshForMs)
    if (fresh !== undefined) return fresh
    const old = usable(kid, usedForMs)
    if (old !== undefined && down !== undefined) {
      // Nobody waits for an issuer that did not answer before.
      run(asked)
      return old
    }
    yield* asked
    const known = usable(kid, usedForMs)
    if (known !== undefined) return known
    if (down !== undefined) return yield* down
    return held.keys
  })
})
