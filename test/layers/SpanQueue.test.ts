import { SpanStatusCode } from "@opentelemetry/api"
import { ExportResultCode } from "@opentelemetry/core"
import type { ExportResult } from "@opentelemetry/core"
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base"
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Metric } from "effect"
import { inspect } from "node:util"
import { makeSpanQueue } from "../../src/layers/telemetry/SpanQueue.ts"
import { capturedLogs } from "../support/CapturedLogs.ts"
import { freshRegistry } from "../support/MetricRegistry.ts"

/** An exporter whose result the test decides. */
const heldExporter = () => {
  const sent: Array<{ readonly spans: ReadonlyArray<ReadableSpan>; readonly done: (result: ExportResult) => void }> = []
  return {
    sent,
    exporter: {
      export: (spans: Array<ReadableSpan>, done: (result: ExportResult) => void) => void sent.push({ spans, done }),
      shutdown: () => Promise.resolve()
    }
  }
}

const failed = { code: ExportResultCode.FAILED, error: Object.assign(new Error("c4n4ry"), { code: 503 }) }

/** A tracer over a queue of four spans, and its logs. */
const queued = Effect.gen(function* () {
  const { exporter, sent } = heldExporter()
  const queue = yield* makeSpanQueue(exporter, 4)
  const tracer = new BasicTracerProvider({ spanProcessors: [queue] }).getTracer("test")
  const make = (count: number) => {
    for (let n = 0; n < count; n++) tracer.startSpan(`span ${n}`).end()
  }
  // An export that the test never ends is rejected 30 seconds later.
  const flush = Effect.sync(() => void queue.forceFlush().catch(() => {}))
  return { flush, make, queue, sent, tracer }
})

const droppedBy = Effect.map(Metric.snapshot, (snapshots) =>
  Object.fromEntries(
    snapshots
      .filter(({ id }) => id === "tbg_trace_spans_dropped_total")
      .map(({ attributes, state }) => [attributes?.["reason"], "count" in state ? Number(state.count) : undefined])
  )
)

describe("the span queue", () => {
  it.effect("holds at most its size, including spans being sent, and counts dropped spans", () =>
    Effect.gen(function* () {
      const logs = yield* capturedLogs
      yield* Effect.gen(function* () {
        const { flush, make, sent } = yield* queued
        make(3)
        yield* flush
        make(4)
        assert.deepStrictEqual(
          sent.map(({ spans }) => spans.length),
          [3]
        )
        assert.deepStrictEqual(yield* droppedBy, { export_failed: 0, queue_full: 3 })
      }).pipe(Effect.scoped, Effect.provide(logs.layer), freshRegistry)
      assert.deepStrictEqual(logs.warnings(), [
        "trace export failing; spans are dropped",
        "trace export incomplete at shutdown; spans are dropped"
      ])
    })
  )

  it.effect("logs once that spans are dropped, and once that they no longer are", () =>
    Effect.gen(function* () {
      const logs = yield* capturedLogs
      yield* Effect.gen(function* () {
        const { flush, make, sent } = yield* queued
        for (const result of [failed, failed, { code: ExportResultCode.SUCCESS }, { code: ExportResultCode.SUCCESS }]) {
          make(2)
          yield* flush
          sent.at(-1)?.done(result)
        }
        assert.deepStrictEqual(yield* droppedBy, { export_failed: 4, queue_full: 0 })
      }).pipe(Effect.scoped, Effect.provide(logs.layer), freshRegistry)
      assert.deepStrictEqual(
        logs.entries.map(({ message }) => message),
        ["trace export failing; spans are dropped", "trace export recovered"]
      )
    })
  )

  it.effect("sends the kind of an error without its message", () =>
    Effect.gen(function* () {
      const { flush, sent, tracer } = yield* queued
      const span = tracer.startSpan("failing", { attributes: { kept: true } })
      span.addEvent("kept")
      span.recordException(new TypeError("c4n4ry"))
      span.setStatus({ code: SpanStatusCode.ERROR, message: "c4n4ry" })
      span.end()
      yield* flush
      const [exported] = sent.flatMap(({ spans }) => spans)
      assert.deepInclude(exported, {
        name: "failing",
        status: { code: SpanStatusCode.ERROR },
        attributes: { kept: true, "error.type": "TypeError" }
      })
      assert.deepStrictEqual(
        exported?.events.map(({ name }) => name),
        ["kept"]
      )
      assert.notInclude(inspect(exported, { depth: 5 }), "c4n4ry")
    })
  )
})
