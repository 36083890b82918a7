import { Effect, Metric } from "effect"
import { existsSync, readdirSync } from "node:fs"
import { observeCounter, observeGauge, observeGauges, oncePerScrape } from "../../metrics/Observed.ts"

const cpu = {
  all: Metric.counter("process_cpu_seconds_total", { description: "Total CPU time", incremental: true }),
  user: Metric.counter("process_cpu_user_seconds_total", {
    description: "CPU time in user mode",
    incremental: true
  }),
  system: Metric.counter("process_cpu_system_seconds_total", {
    description: "CPU time in kernel mode",
    incremental: true
  })
}
const memory = {
  rss: Metric.gauge("process_resident_memory_bytes", { description: "Resident memory" }),
  heapTotal: Metric.gauge("nodejs_heap_size_total_bytes", { description: "Size of the heap" }),
  heapUsed: Metric.gauge("nodejs_heap_size_used_bytes", { description: "Used part of the heap" }),
  external: Metric.gauge("nodejs_external_memory_bytes", {
    description: "Memory of objects outside the heap, such as buffers"
  })
}
const startTime = Metric.gauge("process_start_time_seconds", {
  description: "Start time of the process, in seconds since 1970"
})
const openFiles = Metric.gauge("process_open_fds", { description: "Open file descriptors" })
const resources = Metric.gauge("nodejs_active_resources", {
  description: "Resources that keep the event loop alive, by type, such as sockets and timers"
})

/** Types with their own series; the rest is `other`, so that the number of series is fixed. */
const types = ["TCPServerWrap", "TCPSocketWrap", "TLSWrap", "PipeWrap", "Timeout", "Immediate"]

/** Exists only on Linux. */
const descriptors = "/proc/self/fd"

const observeCpu = Effect.gen(function* () {
  const usage = oncePerScrape(() => process.cpuUsage())
  yield* observeCounter(cpu.all, () => (usage().user + usage().system) / 1e6)
  yield* observeCounter(cpu.user, () => usage().user / 1e6)
  yield* observeCounter(cpu.system, () => usage().system / 1e6)
})

const observeResources = Effect.gen(function* () {
  const active = oncePerScrape(() => process.getActiveResourcesInfo())
  const countOf = (isCounted: (type: string) => boolean) => () => active().filter(isCounted).length
  yield* Effect.forEach(types, (type) =>
    observeGauge(
      Metric.withAttributes(resources, { type }),
      countOf((other) => other === type)
    )
  )
  yield* observeGauge(
    Metric.withAttributes(resources, { type: "other" }),
    countOf((type) => !types.includes(type))
  )
})

/** CPU, memory and descriptors of the process, read at each scrape for the life of the scope. */
export const observeProcess = Effect.gen(function* () {
  yield* observeCpu
  yield* observeGauges(
    memory,
    oncePerScrape(() => process.memoryUsage())
  )
  yield* observeResources
  yield* observeGauge(startTime, () => performance.timeOrigin / 1000)
  if (existsSync(descriptors)) {
    // Reading the folder opens one more.
    yield* observeGauge(openFiles, () => readdirSync(descriptors).length - 1)
  }
})
