import { Effect, Exit } from "effect"
import type { Tracer } from "effect"
import type { Answer, Ask, Policy } from "../../domain/RateLimit.ts"

export interface Check {
  readonly key: string
  readonly policy: Policy
  /** `peek` reads the state of the key's window and admits nothing. */
  readonly use: "admit" | "peek"
  readonly span: Tracer.AnySpan | undefined
}

/** Receives the answer, and the index of the check among the admission checks of its key. */
type Settle = (answer: Answer | undefined, index: number) => void

/** Checks of one key. */
interface Waiting {
  readonly key: string
  readonly policy: Policy
  readonly settle: Array<(answer: Answer | undefined) => void>
  /** Number of admission checks. */
  count: number
  span: Tracer.AnySpan | undefined
}

/** Makes a call part of the first caller's trace, and links it to the spans of the others. */
const inTraceOf = <A>(group: ReadonlyArray<Waiting>, call: Effect.Effect<A>): Effect.Effect<A> => {
  const [first, ...others] = group.flatMap(({ span }) => span ?? [])
  return first === undefined ? call : Effect.withParentSpan(Effect.linkSpans(call, others), first)
}

export interface BatcherOptions {
  /** Calls the store; `undefined`, a defect or an interruption means no answer. */
  readonly send: (asks: ReadonlyArray<Ask>) => Effect.Effect<ReadonlyArray<Answer> | undefined>
  readonly keysPerCall: number
  /** Maximum time that checks are held while a call is in flight, in milliseconds. Calls to a distant store overlap. */
  readonly holdMs: number
}

/**
 * Batches checks into calls, so that the cost of a check falls as load rises. Checks of the same key become one `Ask`
 * with a count. A batch is sent at the end of the event-loop turn of its first check. While a call is in flight, the
 * batch is held until the turn of the next answer ends, but at most for `holdMs`. It is not held if each key has its
 * own call. Each call runs in its own fiber.
 */
export const makeBatcher = (
  { holdMs, keysPerCall, send }: BatcherOptions,
  run: (effect: Effect.Effect<unknown>) => void
) => {
  let waiting = new Map<string, Waiting>()
  let inFlight = 0

  const call = (group: ReadonlyArray<Waiting>): Effect.Effect<unknown> => {
    const asks = group.map(({ count, key, policy }) => ({ key, policy, count }))
    return Effect.onExit(inTraceOf(group, send(asks)), (exit) =>
      Effect.sync(() => {
        const answers = Exit.isSuccess(exit) ? exit.value : undefined
        inFlight -= 1
        group.forEach(({ settle }, index) => settle.forEach((resume) => resume(answers?.[index])))
        flushAfterTurn(waiting)
      })
    )
  }

  const flush = (batch: typeof waiting): void => {
    if (batch !== waiting) return
    const all = [...batch.values()]
    waiting = new Map()
    for (let from = 0; from < all.length; from += keysPerCall) {
      inFlight += 1
      run(call(all.slice(from, from + keysPerCall)))
    }
  }

  const flushAfterTurn = (batch: typeof waiting): void => void setImmediate(flush, batch)
  const flushAfterHold = (batch: typeof waiting): void =>
    Effect.sync(() => flush(batch)).pipe(Effect.delay(holdMs), run)

  return ({ key, policy, span, use }: Check, settle: Settle): void => {
    if (waiting.size === 0) (inFlight === 0 || keysPerCall === 1 ? flushAfterTurn : flushAfterHold)(waiting)
    const known = waiting.get(key)
    const checks = known ?? { key, policy, settle: [], count: 0, span: undefined }
    if (known === undefined) waiting.set(key, checks)
    const index = checks.count
    if (use === "admit") checks.count += 1
    checks.settle.push((answer) => settle(answer, index))
    if (span?.sampled === true) checks.span ??= span
  }
}
