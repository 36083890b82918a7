import { Effect, Layer, References } from "effect"
import { AppConfig } from "./AppConfig.ts"

/** Of the time that a drain may take; half of what the server leaves for those that close after it. */
const flushPart = 0.05

/**
 * Traces to the collector of `TBG_OTLP_ENDPOINT`, over OTLP/HTTP. Without one no span is made, and nothing of
 * OpenTelemetry is loaded.
 *
 * It never fails and never waits but at its end, for at most a twentieth of `TBG_SHUTDOWN_TIMEOUT_MS`: spans that the
 * collector does not take are dropped, and counted by `tbg_trace_spans_dropped_total`.
 */
export const layer = Layer.unwrap(
  Effect.gen(function* () {
    const { appVersion, environment, shutdown, tracing } = yield* AppConfig
    const { endpoint, sampleRatio } = tracing
    if (endpoint === undefined) return Layer.succeed(References.TracerEnabled, false)
    const { exported } = yield* Effect.promise(() => import("./telemetry/Export.ts"))
    return exported({
      endpoint,
      sampleRatio,
      version: appVersion,
      environment,
      flushMs: Math.max(0, shutdown.timeoutMs - shutdown.delayMs) * flushPart
    })
  })
)
