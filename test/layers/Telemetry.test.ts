import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, References } from "effect"
import { AppConfig } from "../../src/layers/AppConfig.ts"
import * as Telemetry from "../../src/layers/Telemetry.ts"
import { capturedLogs } from "../support/CapturedLogs.ts"

const config = AppConfig.layerFrom({ TBG_ENVIRONMENT: "test", TBG_OTLP_ENDPOINT: "http://127.0.0.1:9" })

/** Whether spans are created under these variables, and the log lines. */
const tracingUnder = Effect.fnUntraced(function* (env: Record<string, string>) {
  const logs = yield* capturedLogs
  const variables = ConfigProvider.layer(ConfigProvider.fromEnv({ env }))
  const isTracing = yield* Effect.provide(
    Effect.service(References.TracerEnabled),
    Telemetry.layer.pipe(Layer.provide(config), Layer.provide(variables), Layer.provide(logs.layer))
  )
  return { isTracing, warnings: logs.warnings() }
})

const unsupported = ["OTEL_TRACES_EXPORTER is not supported; tracing is off; use otlp or none"]

describe("OpenTelemetry's own variables", () => {
  it.effect.each([
    { variables: {}, isTracing: true, warnings: [] },
    { variables: { OTEL_SDK_DISABLED: "true" }, isTracing: false, warnings: [] },
    { variables: { OTEL_SDK_DISABLED: " TRUE " }, isTracing: false, warnings: [] },
    { variables: { OTEL_SDK_DISABLED: "false" }, isTracing: true, warnings: [] },
    { variables: { OTEL_SDK_DISABLED: "" }, isTracing: true, warnings: [] },
    { variables: { OTEL_TRACES_EXPORTER: "none" }, isTracing: false, warnings: [] },
    { variables: { OTEL_TRACES_EXPORTER: "otlp" }, isTracing: true, warnings: [] },
    { variables: { OTEL_TRACES_EXPORTER: "console, otlp" }, isTracing: true, warnings: [] },
    { variables: { OTEL_TRACES_EXPORTER: "" }, isTracing: true, warnings: [] },
    { variables: { OTEL_TRACES_EXPORTER: "console" }, isTracing: false, warnings: unsupported }
  ])("$variables turn tracing on or off: $isTracing", ({ variables, ...expected }) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* tracingUnder(variables), expected)
    })
  )
})
