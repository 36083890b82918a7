import { Effect, Exit, Fiber } from "effect"
import type { Tracer } from "effect"
import type { Answer, Ask, Policy } from "../../domain/RateLimit.ts"

/** Receives the answer, and the index of its own request among those to be admitted. */
type Settle = (answer: Answer | undefined, index: number) => void

/** Requests of one key that wait for an answer, in the order in which they asked. */
interface Waiting {
  readonly key: string
  readonly policy: Policy
  readonly settle: Array<(answer: Answer | undefined) => void>
  /** How many of them ask for admission; the others only look. */
  count: number
  /** Of the first of them that is recorded. */
  span: Tracer.AnySpan | undefined
}

/** What is sent for several keys is part of the trace of the first that has one, and linked to the others'. */
const inTraceOf = <A>(group: ReadonlyArray<Waiting>, sent: Effect.Effect<A>): Effect.Effect<A> => {
  const [first, ...others] = group.flatMap(({ span }) => span ?? [])
  return first === undefined ? sent : Effect.withParentSpan(Effect.linkSpans(sent, others), first)
}

const recordedSpan = (): Tracer.AnySpan | undefined => {
  const span = Fiber.getCurrent()?.cache.span
  return span?.sampled === true ? span : undefined
}

export interface BatcherOptions {
  /** `undefined` stands for no answer, and so does it to die or to be interrupted. */
  readonly send: (asks: ReadonlyArray<Ask>) => Effect.Effect<ReadonlyArray<Answer> | undefined>
  /** How many keys go in one `send` at most. */
  readonly together: number
  /** How long checks are held for a call that has no answer yet, in milliseconds: calls of a far store overlap. */
  readonly holdMs: number
}

/**
 * Lets checks travel together, those of the same key as one with a count: the cost of a check falls as load rises. They
 * leave at the end of the turn of the event loop in which the first of them was asked for. Where a call is on its way
 * they are held, unless each key has a call of its own: until the end of the turn in which it is answered, but no longer
 * than `holdMs`. Each `send` gets a fiber of its own.
 */
export const makeBatcher = (
  { holdMs, send, together }: BatcherOptions,
  run: (effect: Effect.Effect<unknown>) => void
) => {
  let waiting = new Map<string, Waiting>()
  let onTheirWay = 0

  const deliver = (group: ReadonlyArray<Waiting>): Effect.Effect<unknown> => {
    const asks = group.map(({ count, key, policy }) => ({ key, policy, count }))
    return Effect.onExit(inTraceOf(group, send(asks)), (exit) =>
      Effect.sync(() => {
        const answers = Exit.isSuccess(exit) ? exit.value : undefined
        onTheirWay -= 1
        group.forEach(({ settle }, at) => settle.forEach((resume) => resume(answers?.[at])))
        flushLater(waiting)
      })
    )
  }

  const flush = (batch: typeof waiting): void => {
    if (batch !== waiting) return
    const all = [...batch.values()]
    waiting = new Map()
    for (let from = 0; from < all.length; from += together) {
      onTheirWay += 1
      run(deliver(all.slice(from, from + together)))
    }
  }

  const flushLater = (batch: typeof waiting): void => void setImmediate(flush, batch)
  const flushAtLast = (batch: typeof waiting): void => Effect.sync(() => flush(batch)).pipe(Effect.delay(holdMs), run)

  /** Requests admission for a key if there is room, or only looks. */
  return (key: string, policy: Policy, use: "admit" | "look", settle: Settle): void => {
    if (waiting.size === 0) (onTheirWay === 0 || together === 1 ? flushLater : flushAtLast)(waiting)
    const known = waiting.get(key)
    const asked = known ?? { key, policy, settle: [], count: 0, span: undefined }
    if (known === undefined) waiting.set(key, asked)
    const index = asked.count
    if (use === "admit") asked.count += 1
    asked.settle.push((answer) => settle(answer, index))
    asked.span ??= recordedSpan()
  }
}
