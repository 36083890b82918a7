import { Effect, Metric } from "effect"
import { existsSync, readdirSync } from "node:fs"
import { observeCounter, observeGauge, observeGauges, oncePerScrape } from "../../metrics/Observed.ts"

const cpu = {
  all: Metric.counter("process_cpu_seconds_total", { description: "Processor time spent", incremental: true }),
  user: Metric.counter("process_cpu_user_seconds_total", {
    description: "Processor time spent in the program itself",
    incremental: true
  }),
  system: Metric.counter("process_cpu_system_seconds_total", {
    description: "Processor time spent in the system on its behalf",
    incremental: true
  })
}
const memory = {
  rss: Metric.gauge("process_resident_memory_bytes", { description: "Memory that the process holds" }),
  heapTotal: Metric.gauge("nodejs_heap_size_total_bytes", { description: "The heap's size" }),
  heapUsed: Metric.gauge("nodejs_heap_size_used_bytes", { description: "What of the heap is in use" }),
  external: Metric.gauge("nodejs_external_memory_bytes", {
    description: "Memory outside of the heap that it refers to"
  })
}
const startTime = Metric.gauge("process_start_time_seconds", {
  description: "When the process began, in seconds since 1970"
})
const openFiles = Metric.gauge("process_open_fds", { description: "Open file descriptors" })
const resources = Metric.gauge("nodejs_active_resources", {
  description: "What keeps the event loop alive, by type: sockets, timers, requests of the file system"
})

/** Node's own names for what there may be many of; the rest is `other`, so that the number of series is fixed. */
const types = ["TCPServerWrap", "TCPSocketWrap", "TLSWrap", "PipeWrap", "Timeout", "Immediate"]

/** Linux alone has it. */
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

/** What the process takes of the machine, read when it is asked for, for the life of the scope. */
export const observeProcess = Effect.gen(function* () {
  yield* observeCpu
  yield* observeGauges(
    memory,
    oncePerScrape(() => process.memoryUsage())
  )
  yield* observeResources
  yield* observeGauge(startTime, () => performance.timeOrigin / 1000)
  if (existsSync(descriptors)) {
    // To look opens one more.
    yield* observeGauge(openFiles, () => readdirSync(descriptors).length - 1)
  }
})
