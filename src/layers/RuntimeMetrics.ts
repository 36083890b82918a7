import { Effect, Layer, Metric, Option, Record, Schema } from "effect"
import { existsSync, readdirSync } from "node:fs"
import { constants, monitorEventLoopDelay, PerformanceObserver } from "node:perf_hooks"
import type { PerformanceEntry } from "node:perf_hooks"
import { observeCounter, observeGauge, observeGauges, oncePerScrape } from "../metrics/Observed.ts"
import { AppConfig } from "./AppConfig.ts"

const gauge = (name: string, description: string) => Metric.gauge(name, { description })
const counter = (name: string, description: string) => Metric.counter(name, { description, incremental: true })

const build = gauge("tbg_build_info", "Version, commit and Node.js version of this process; always 1")

const lag = {
  p50: gauge("nodejs_eventloop_lag_p50_seconds", "Median event loop delay since the last scrape"),
  p99: gauge("nodejs_eventloop_lag_p99_seconds", "99th percentile of the event loop delay since the last scrape"),
  max: gauge("nodejs_eventloop_lag_max_seconds", "Maximum event loop delay since the last scrape")
}

/** Sampling interval in milliseconds. The monitor includes it in each delay. */
const resolution = 10

const observeEventLoop = Effect.gen(function* () {
  const delays = monitorEventLoopDelay({ resolution })
  yield* Effect.acquireRelease(
    Effect.sync(() => delays.enable()),
    () => Effect.sync(() => delays.disable())
  )
  const seconds = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - resolution / 1000)
  const read = oncePerScrape(() => {
    const { max } = delays
    const figures = Record.map({ p50: delays.percentile(50), p99: delays.percentile(99), max }, seconds)
    delays.reset()
    return figures
  })
  yield* observeGauges(lag, read)
})

const collections = Metric.histogram("nodejs_gc_duration_seconds", {
  description: "Duration of garbage collections, by kind",
  boundaries: [0.001, 0.01, 0.1, 1, 2, 5]
})

const collectionKinds = new Map([
  [constants.NODE_PERFORMANCE_GC_MAJOR, "major"],
  [constants.NODE_PERFORMANCE_GC_MINOR, "minor"],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, "incremental"],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, "weakcb"]
])

const decodeCollection = Schema.decodeUnknownOption(Schema.Struct({ detail: Schema.Struct({ kind: Schema.Number }) }))

/** `other` if the entry has no known kind. */
const kindOf = (entry: PerformanceEntry): string =>
  Option.getOrElse(
    Option.flatMapNullishOr(decodeCollection(entry), ({ detail }) => collectionKinds.get(detail.kind)),
    () => "other"
  )

const observeGarbageCollection = Effect.gen(function* () {
  const context = yield* Effect.context()
  const byKind = new Map(
    [...collectionKinds.values(), "other"].map((kind) => [kind, Metric.withAttributes(collections, { kind })] as const)
  )
  const record = (entry: PerformanceEntry): void =>
    byKind.get(kindOf(entry))?.updateUnsafe(entry.duration / 1000, context)
  const observer = new PerformanceObserver((list) => list.getEntries().forEach(record))
  yield* Effect.acquireRelease(
    Effect.sync(() => observer.observe({ entryTypes: ["gc"] })),
    () => Effect.sync(() => observer.disconnect())
  )
})

const memory = {
  rss: gauge("process_resident_memory_bytes", "Resident memory"),
  heapTotal: gauge("nodejs_heap_size_total_bytes", "Size of the heap"),
  heapUsed: gauge("nodejs_heap_size_used_bytes", "Used part of the heap"),
  external: gauge("nodejs_external_memory_bytes", "Memory of objects outside the heap, such as buffers")
}
const startTime = gauge("process_start_time_seconds", "Start time of the process, in seconds since 1970")
const openFiles = gauge("process_open_fds", "Open file descriptorFolder")

/** Exists only on Linux. */
const descriptorFolder = "/proc/self/fd"

const observeProcess = Effect.gen(function* () {
  const usage = oncePerScrape(() => process.cpuUsage())
  const cpu = (name: string, description: string, micros: () => number) =>
    observeCounter(counter(name, description), () => micros() / 1e6)
  yield* cpu("process_cpu_seconds_total", "Total CPU time", () => usage().user + usage().system)
  yield* cpu("process_cpu_user_seconds_total", "CPU time in user mode", () => usage().user)
  yield* cpu("process_cpu_system_seconds_total", "CPU time in kernel mode", () => usage().system)
  const memoryUsage = oncePerScrape(() => process.memoryUsage())
  yield* observeGauges(memory, memoryUsage)
  yield* observeGauge(startTime, () => performance.timeOrigin / 1000)
  if (existsSync(descriptorFolder)) {
    // Reading the folder opens one more.
    yield* observeGauge(openFiles, () => readdirSync(descriptorFolder).length - 1)
  }
})

const resources = gauge(
  "nodejs_active_resources",
  "Resources that keep the event loop alive, by type, such as sockets and timers"
)

/** Types with their own series; the rest is `other`, so that the number of series is fixed. */
const resourceTypes = ["TCPServerWrap", "TCPSocketWrap", "TLSWrap", "PipeWrap", "Timeout", "Immediate"]

const observeResources = Effect.gen(function* () {
  const active = oncePerScrape(() =>
    Object.groupBy(process.getActiveResourcesInfo(), (type) => (resourceTypes.includes(type) ? type : "other"))
  )
  yield* Effect.forEach([...resourceTypes, "other"], (type) =>
    observeGauge(Metric.withAttributes(resources, { type }), () => active()[type]?.length ?? 0)
  )
})

/** Metrics of the process, with the names of the usual Node.js exporters; none if `TBG_METRICS_ENABLED` is off. */
export const RuntimeMetrics = Layer.effectDiscard(
  Effect.gen(function* () {
    const { appVersion: version, buildSha: build_sha, metrics } = yield* AppConfig
    if (!metrics.enabled) return
    yield* observeGauge(Metric.withAttributes(build, { version, build_sha, node: process.version }), () => 1)
    yield* observeEventLoop
    yield* observeGarbageCollection
    yield* observeProcess
    yield* observeResources
  })
)
