import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Metric, Schedule } from "effect"
import { PrometheusMetrics } from "effect/observability"
import { AppConfig } from "../../src/layers/AppConfig.ts"
import { RuntimeMetrics } from "../../src/layers/RuntimeMetrics.ts"
import { expositionOf, valuesOf } from "../support/Exposition.ts"
import { freshRegistry } from "../support/MetricRegistry.ts"

const runtime = (variables: Record<string, string> = {}) =>
  RuntimeMetrics.pipe(Layer.provide(AppConfig.layerFrom({ TBG_ENVIRONMENT: "test", ...variables })))

const scrape = PrometheusMetrics.format()

/** Blocks the event loop for this many milliseconds. */
const block = (milliseconds: number) =>
  Effect.sync(() => {
    const until = performance.now() + milliseconds
    while (performance.now() < until);
  })

/** Long enough for the monitor to sample the loop. */
const later = Effect.delay("50 millis")

/** Scrapes until the maximum delay satisfies `isWanted`. */
const longest = (isWanted: (seconds: number) => boolean) =>
  Effect.repeat(later(Effect.map(scrape, (text) => valuesOf(text, "nodejs_eventloop_lag_max_seconds")[0] ?? -1)), {
    until: isWanted
  })

describe("RuntimeMetrics", () => {
  it.live("reports build, processor, memory, open files and resources", () =>
    Effect.gen(function* () {
      const text = yield* Effect.provide(scrape, runtime({ TBG_APP_VERSION: "1.2.3", TBG_BUILD_SHA: "abc123" }))
      const labels = { version: "1.2.3", build_sha: "abc123", node: process.version }
      assert.deepStrictEqual(valuesOf(text, "tbg_build_info", labels), [1])
      const some = [
        "process_cpu_seconds_total",
        "process_resident_memory_bytes",
        "nodejs_heap_size_used_bytes",
        "process_start_time_seconds"
      ]
      for (const name of some) assert.isAbove(valuesOf(text, name)[0] ?? 0, 0, name)
      assert.isAbove(valuesOf(text, "nodejs_active_resources").length, 1)
      const [started = 0] = valuesOf(text, "process_start_time_seconds")
      assert.approximately(started, performance.timeOrigin / 1000, 1)
    }).pipe(freshRegistry)
  )

  it.live("reports the event-loop delay since the last scrape", () =>
    Effect.gen(function* () {
      yield* later(block(500))
      yield* longest((seconds) => seconds >= 0.4)
      yield* longest((seconds) => seconds < 0.4)
    }).pipe(Effect.provide(runtime()), Effect.timeout("20 seconds"), freshRegistry)
  )

  it.live("counts garbage collections by kind", () =>
    Effect.gen(function* () {
      const litter = Effect.sync(() => Array.from({ length: 100_000 }, (_, index) => ({ index })).length)
      yield* Effect.repeat(Effect.andThen(litter, scrape), {
        until: (text) =>
          valuesOf(text, "nodejs_gc_duration_seconds_count", { kind: "minor" }).some((count) => count > 0),
        schedule: Schedule.spaced("1 millis")
      })
      assert.isEmpty(valuesOf(yield* scrape, "nodejs_gc_duration_seconds_count", { kind: "other" }))
    }).pipe(Effect.provide(runtime()), Effect.timeout("20 seconds"), freshRegistry)
  )

  it.live("leaves no metric behind when its scope closes", () =>
    Effect.gen(function* () {
      assert.isAbove(expositionOf(yield* Effect.provide(scrape, runtime())).size, 10)
      const left = (yield* Metric.snapshot).map(({ id }) => id)
      assert.isEmpty(left.filter((id) => id !== "nodejs_gc_duration_seconds"))
    }).pipe(freshRegistry)
  )

  it.live("does nothing if metrics are off", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* Effect.provide(scrape, runtime({ TBG_METRICS_ENABLED: "false" })), "")
    }).pipe(freshRegistry)
  )
})
