import { Effect, Layer, Metric } from "effect"
import { observeGauge } from "../metrics/Observed.ts"
import { AppConfig } from "./AppConfig.ts"
import { observeEventLoop } from "./metrics/EventLoop.ts"
import { observeGarbageCollection } from "./metrics/GarbageCollection.ts"
import { observeProcess } from "./metrics/Process.ts"

const build = Metric.gauge("tbg_build_info", {
  description: "Version, commit and Node.js version of this process; always 1"
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
  })
)
