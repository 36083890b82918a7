import { Effect, Metric, Option, Schema } from "effect"
import { constants, PerformanceObserver } from "node:perf_hooks"
import type { PerformanceEntry } from "node:perf_hooks"

const duration = Metric.histogram("nodejs_gc_duration_seconds", {
  description: "Duration of garbage collections, by kind",
  boundaries: [0.001, 0.01, 0.1, 1, 2, 5]
})

const kinds = new Map([
  [constants.NODE_PERFORMANCE_GC_MAJOR, "major"],
  [constants.NODE_PERFORMANCE_GC_MINOR, "minor"],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, "incremental"],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, "weakcb"]
])

const decode = Schema.decodeUnknownOption(Schema.Struct({ detail: Schema.Struct({ kind: Schema.Number }) }))

/** `other` if the entry has no known kind. */
const kindOf = (entry: PerformanceEntry): string =>
  Option.getOrElse(
    Option.flatMapNullishOr(decode(entry), ({ detail }) => kinds.get(detail.kind)),
    () => "other"
  )

export const observeGarbageCollection = Effect.gen(function* () {
  const context = yield* Effect.context()
  const byKind = new Map(
    [...kinds.values(), "other"].map((kind) => [kind, Metric.withAttributes(duration, { kind })] as const)
  )
  const record = (entry: PerformanceEntry): void =>
    byKind.get(kindOf(entry))?.updateUnsafe(entry.duration / 1000, context)
  yield* Effect.acquireRelease(
    Effect.sync(() => {
      const observer = new PerformanceObserver((list) => list.getEntries().forEach(record))
      observer.observe({ entryTypes: ["gc"] })
      return observer
    }),
    (observer) => Effect.sync(() => observer.disconnect())
  )
})
