import { ExportResultCode } from "@opentelemetry/core"
import { BatchSpanProcessor } from "@opentelemetry/sdk-trace-base"
import type { Span, SpanExporter, SpanProcessor, TimedEvent } from "@opentelemetry/sdk-trace-base"
import { Effect, Predicate } from "effect"
import type { Scope } from "effect"
import { makeCounter } from "../../metrics/Counter.ts"

const droppedFor = (reason: string) =>
  makeCounter("tbg_trace_spans_dropped_total", "Dropped spans, by reason", { reason })
const droppedSpans = Effect.all({ export_failed: droppedFor("export_failed"), queue_full: droppedFor("queue_full") })

/** Status of the collector or system error code, never an address. */
const faultOf = (error: unknown): unknown =>
  Predicate.hasProperty(error, "code") && error.code !== undefined ? error.code : "failed"

const isException = ({ name }: TimedEvent): boolean => name === "exception"

/** Keeps the class of an error and removes its message, which may contain hosts, roles and values. */
const redact = (span: Span): void => {
  const errorType = span.events.find(isException)?.attributes?.["exception.type"]
  if (span.attributes["error.type"] === undefined && errorType !== undefined) span.setAttribute("error.type", errorType)
  span.setStatus({ code: span.status.code })
  span.events.splice(0, Infinity, ...span.events.filter((event) => !isException(event)))
}

/**
 * Batches spans for `exporter`. At most `size` spans are queued, including those in export. Other spans, and spans that
 * the collector rejects, are dropped and counted. One log line reports the first drop, and one the recovery.
 */
export const makeSpanQueue = Effect.fnUntraced(function* (
  exporter: SpanExporter,
  size: number
): Effect.fn.Return<SpanProcessor, never, Scope.Scope> {
  const run = Effect.runForkWith(yield* Effect.context())
  const countDropped = yield* droppedSpans
  let waiting = 0
  let dropped = 0
  let hasDroppedSinceExport = false

  const drop = (reason: keyof typeof countDropped, spans: number, fault: unknown): void => {
    const warning = Effect.logWarning("trace export failing; spans are dropped")
    if (dropped === 0) run(Effect.annotateLogs(warning, { reason, fault }))
    dropped += spans
    hasDroppedSinceExport = true
    countDropped[reason](spans)
  }
  /** A slow collector accepts only some spans. It has recovered once none is dropped between two batches. */
  const recover = (): void => {
    if (dropped > 0 && !hasDroppedSinceExport) {
      run(Effect.annotateLogs(Effect.logInfo("trace export recovered"), { dropped }))
      dropped = 0
    }
    hasDroppedSinceExport = false
  }

  const batches = new BatchSpanProcessor(
    {
      export: (spans, done) =>
        exporter.export(spans, ({ code, error }) => {
          waiting -= spans.length
          if (code === ExportResultCode.SUCCESS) recover()
          else drop("export_failed", spans.length, faultOf(error))
          done({ code: ExportResultCode.SUCCESS })
        }),
      shutdown: () => exporter.shutdown()
    },
    { maxQueueSize: size }
  )

  yield* Effect.addFinalizer(() =>
    waiting === 0
      ? Effect.void
      : Effect.annotateLogs(Effect.logWarning("trace export incomplete at shutdown; spans are dropped"), {
          dropped: waiting
        })
  )
  return {
    onStart: () => {},
    onEnding: redact,
    onEnd: (span) => {
      if (waiting >= size) return drop("queue_full", 1, "slow")
      waiting += 1
      batches.onEnd(span)
    },
    forceFlush: () => batches.forceFlush(),
    shutdown: () => batches.shutdown()
  }
})
