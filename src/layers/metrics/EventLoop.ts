import { Effect, Metric } from "effect"
import { monitorEventLoopDelay } from "node:perf_hooks"
import { observeGauges, oncePerScrape } from "../../metrics/Observed.ts"

/** Sampling interval in milliseconds. The monitor includes it in each delay. */
const resolution = 10

const lag = {
  p50: Metric.gauge("nodejs_eventloop_lag_p50_seconds", {
    description: "Median event loop delay since the last scrape"
  }),
  p99: Metric.gauge("nodejs_eventloop_lag_p99_seconds", {
    description: "99th percentile of the event loop delay since the last scrape"
  }),
  max: Metric.gauge("nodejs_eventloop_lag_max_seconds", {
    description: "Maximum event loop delay since the last scrape"
  })
}

export const observeEventLoop = Effect.gen(function* () {
  const delays = yield* Effect.acquireRelease(
    Effect.sync(() => {
      const monitor = monitorEventLoopDelay({ resolution })
      monitor.enable()
      return monitor
    }),
    (monitor) => Effect.sync(() => monitor.disable())
  )
  const seconds = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - resolution / 1000)
  const read = oncePerScrape(() => {
    const figures = {
      p50: seconds(delays.percentile(50)),
      p99: seconds(delays.percentile(99)),
      max: seconds(delays.max)
    }
    delays.reset()
    return figures
  })
  yield* observeGauges(lag, read)
})
