import { Effect, Fiber } from "effect"
import type { Tracer } from "effect"
import type { Answer, Ask, Policy } from "../../domain/RateLimit.ts"

/** Requests of one key that wait for an answer, in the order in which they asked. */
interface Waiting {
  readonly key: string
  readonly policy: Policy
  readonly settle: Array<(answer: Answer | undefined, index: number) => void>
  /** Of the first of them, where it is recorded. */
  readonly span: Tracer.AnySpan | undefined
}

/** What is sent for several requests is part of the first one's trace, and linked to the others'. */
const inTraceOf = <A>(group: ReadonlyArray<Waiting>, sent: Effect.Effect<A>): Effect.Effect<A> => {
  const [first, ...others] = group.flatMap(({ span }) => span ?? [])
  return first === undefined ? sent : Effect.withParentSpan(Effect.linkSpans(sent, others), first)
}

const recordedSpan = (): Tracer.AnySpan | undefined => {
  const span = Fiber.getCurrent()?.cache.span
  return span?.sampled === true ? span : undefined
}

/**
 * Lets the checks of one turn of the event loop travel together, those of the same key as one with a count: the cost of
 * a check falls as load rises. At most `together` keys go in one `send`, which gets a fiber of its own and never fails;
 * `undefined` stands for no answer.
 */
export const makeBatcher = (
  send: (asks: ReadonlyArray<Ask>) => Effect.Effect<ReadonlyArray<Answer> | undefined>,
  together: number,
  run: (effect: Effect.Effect<void>) => void
) => {
  let waiting = new Map<string, Waiting>()

  const deliver = (group: ReadonlyArray<Waiting>): Effect.Effect<void> => {
    const asks = group.map(({ key, policy, settle }) => ({ key, policy, count: settle.length }))
    return Effect.map(inTraceOf(group, send(asks)), (answers) => {
      group.forEach(({ settle }, at) => settle.forEach((resume, index) => resume(answers?.[at], index)))
    })
  }

  const flush = (): void => {
    const all = [...waiting.values()]
    waiting = new Map()
    for (let from = 0; from < all.length; from += together) run(deliver(all.slice(from, from + together)))
  }

  /** Asks for one request of a key; `settle` gets the answer for all that asked with it, and its place among them. */
  return (key: string, policy: Policy, settle: (answer: Answer | undefined, index: number) => void): void => {
    if (waiting.size === 0) setImmediate(flush)
    const known = waiting.get(key)
    if (known === undefined) waiting.set(key, { key, policy, settle: [settle], span: recordedSpan() })
    else known.settle.push(settle)
  }
}
