import { TraceFlags } from "@opentelemetry/api"
import { ExportResultCode } from "@opentelemetry/core"
import { BatchSpanProcessor } from "@opentelemetry/sdk-trace-base"
import type { SpanExporter, SpanProcessor } from "@opentelemetry/sdk-trace-base"
import { Effect, Predicate } from "effect"
import type { Scope } from "effect"
import { beginCounter } from "../../metrics/Counter.ts"
import { discreet } from "./Discreet.ts"

type Reason = "export_failed" | "queue_full"

const droppedFor = (reason: Reason) =>
  beginCounter("tbg_trace_spans_dropped_total", "Spans that no collector got, by reason", { reason })
const droppedSpans = Effect.all({ export_failed: droppedFor("export_failed"), queue_full: droppedFor("queue_full") })

/** The status of an answer, or the system's word for why there was none; never an address. */
const faultOf = (error: unknown): string | number =>
  Predicate.hasProperty(error, "code") && (Predicate.isString(error.code) || Predicate.isNumber(error.code))
    ? error.code
    : "failed"

/**
 * Batches spans for `exporter`, off the request's path. At most `most` wait, those on their way included; what comes
 * beyond that, and what the collector does not take, is dropped and counted, with one log line at each change of state.
 */
export const makeSpanQueue = Effect.fnUntraced(function* (
  exporter: SpanExporter,
  most: number
): Effect.fn.Return<SpanProcessor, never, Scope.Scope> {
  const run = Effect.runForkWith(yield* Effect.context())
  const countDropped = yield* droppedSpans
  let waiting = 0
  let lost = 0
  let lostBefore = 0
  let isLosing = false

  const drop = (reason: Reason, spans: number, fault: string | number): void => {
    lost += spans
    countDropped[reason](spans)
    if (isLosing) return
    isLosing = true
    run(Effect.annotateLogs(Effect.logWarning("traces cannot be exported: spans are dropped"), { reason, fault }))
  }
  /** A slow collector takes some and loses others; it is well again when a whole batch went by without a loss. */
  const arrived = (): void => {
    if (isLosing && lost === lostBefore) {
      isLosing = false
      run(Effect.annotateLogs(Effect.logInfo("traces are exported again"), { dropped: lost }))
    }
    lostBefore = lost
  }

  const batches = new BatchSpanProcessor(
    {
      export: (spans, done) =>
        exporter.export(spans.map(discreet), ({ code, error }) => {
          waiting -= spans.length
          if (code === ExportResultCode.SUCCESS) arrived()
          else drop("export_failed", spans.length, faultOf(error))
          // All that follows from a failure has been done.
          done({ code: ExportResultCode.SUCCESS })
        }),
      shutdown: () => exporter.shutdown()
    },
    { maxQueueSize: most }
  )

  yield* Effect.addFinalizer(() =>
    waiting === 0
      ? Effect.void
      : Effect.annotateLogs(Effect.logWarning("the last traces were not exported in time"), { dropped: waiting })
  )
  return {
    onStart: () => {},
    onEnd: (span) => {
      if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return
      if (waiting >= most) return drop("queue_full", 1, "slow")
      waiting += 1
      batches.onEnd(span)
    },
    forceFlush: () => batches.forceFlush(),
    shutdown: () => batches.shutdown()
  }
})
