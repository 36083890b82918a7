import { Config, Effect, Layer, References } from "effect"
import { AppConfig } from "./AppConfig.ts"

/** Whether OpenTelemetry's own variables disable tracing. Only the OTLP exporter is supported. */
const isDisabled = Effect.gen(function* () {
  const disabled = yield* Config.withDefault(Config.String("OTEL_SDK_DISABLED"), "false")
  const exporter = yield* Config.withDefault(Config.String("OTEL_TRACES_EXPORTER"), "otlp")
  if (disabled.trim().toLowerCase() === "true" || exporter.trim() === "none") return true
  if (exporter.split(",").some((name) => name.trim() === "otlp")) return false
  yield* Effect.logWarning("OTEL_TRACES_EXPORTER is not supported; tracing is off; use otlp or none")
  return true
})

/**
 * Tracing to the collector of `TBG_OTLP_ENDPOINT` (OTLP over HTTP). Without an endpoint, tracing is off and
 * OpenTelemetry is not loaded. Requests never wait for the collector.
 */
export const layer = Layer.unwrap(
  Effect.gen(function* () {
    const { endpoint } = (yield* AppConfig).tracing
    if (endpoint === undefined || (yield* Effect.orDie(isDisabled))) {
      return Layer.succeed(References.TracerEnabled, false)
    }
    const { exportTo } = yield* Effect.promise(() => import("./telemetry/Export.ts"))
    return exportTo(endpoint)
  })
)
