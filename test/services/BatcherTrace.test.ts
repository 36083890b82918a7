import { assert, describe, it } from "@effect/vitest"
import { Effect, Tracer } from "effect"
import type { Policy } from "../../src/domain/RateLimit.ts"
import { makeBatcher } from "../../src/services/rateLimit/Batcher.ts"

const policy: Policy = { name: "ip", limit: 1, windowMicros: 1 }

/**
 * Span of one call for requests with these names, keyed by their first letter and each under its own span. Those in
 * `dropped` are not sampled.
 */
const spanOfCall = Effect.fnUntraced(function* (names: ReadonlyArray<string>, dropped: ReadonlyArray<string>) {
  const spans: Array<Tracer.NativeSpan> = []
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      spans.push(span)
      return span
    }
  })
  const traced = Effect.gen(function* () {
    const sent = Effect.withSpan(Effect.succeed(undefined), "call")
    const ask = makeBatcher(
      { send: () => sent, keysPerCall: 10, holdMs: 1 },
      Effect.runForkWith(yield* Effect.context())
    )
    const asked = (name: string) =>
      Effect.withSpan(
        Effect.flatMap(Effect.currentParentSpan, (span) =>
          Effect.callback<void>((resume) =>
            ask({ key: name.slice(0, 1), policy, use: "admit", span }, () => resume(Effect.void))
          )
        ),
        name,
        { sampled: !dropped.includes(name) }
      )
    yield* Effect.forEach(names, asked, { concurrency: "unbounded" })
  })
  yield* Effect.withTracer(traced, tracer)
  const named = new Map(spans.map(({ name, spanId }) => [spanId, name]))
  const call = spans.find(({ name }) => name === "call")
  const parent = call?.parent._tag === "Some" ? named.get(call.parent.value.spanId) : undefined
  return { parent, links: call?.links.map(({ span }) => named.get(span.spanId)) }
})

describe("a call shared by several requests", () => {
  it.live("belongs to the trace of the first and is linked to the others", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* spanOfCall(["a", "b", "c"], []), { parent: "a", links: ["b", "c"] })
    })
  )

  it.live("is not linked to traces that are not exported", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* spanOfCall(["a", "b", "c"], ["a", "c"]), { parent: "b", links: [] })
      assert.deepStrictEqual(yield* spanOfCall(["a"], ["a"]), { parent: undefined, links: [] })
      assert.deepStrictEqual(yield* spanOfCall(["a", "a2", "a3"], ["a"]), { parent: "a2", links: [] })
    })
  )
})
