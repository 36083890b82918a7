import * as OtelTracer from "@effect/opentelemetry/OtelTracer"
import * as Resource from "@effect/opentelemetry/Resource"
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http"
import { resourceFromAttributes } from "@opentelemetry/resources"
import { BasicTracerProvider, ParentBasedSampler, TraceIdRatioBasedSampler } from "@opentelemetry/sdk-trace-base"
import { Config, Effect, Layer, Tracer } from "effect"
import { AppConfig } from "../AppConfig.ts"
import { makeSpanQueue } from "./SpanQueue.ts"

/** Share of `TBG_SHUTDOWN_TIMEOUT_MS` that waiting spans have to reach the collector. */
const flushShare = 0.05

/** The default is the SDK's own. */
const queueSize = Config.withDefault(Config.Int("OTEL_BSP_MAX_QUEUE_SIZE"), 2048)

const makeProvider = Effect.fnUntraced(function* (endpoint: string) {
  const { appVersion, environment, shutdown, tracing } = yield* AppConfig
  const own = resourceFromAttributes({
    "service.name": "tbg-api",
    "service.version": appVersion,
    "service.instance.id": crypto.randomUUID(),
    "deployment.environment.name": environment
  })
  // The operator's OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win.
  const resource = own.merge(yield* Resource.Resource)
  // A caller that sends a sampled `traceparent` decides for its own trace.
  const sampler = new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(tracing.sampleRatio) })
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/u, "")}/v1/traces` })
  const queue = yield* makeSpanQueue(exporter, yield* Effect.orDie(queueSize))
  return yield* Effect.acquireRelease(
    Effect.sync(() => new BasicTracerProvider({ resource, sampler, spanProcessors: [queue] })),
    // Exports the spans that wait. The queue reports those it loses.
    (provider) =>
      Effect.tryPromise(() => provider.shutdown()).pipe(
        Effect.ignore,
        Effect.interruptible,
        Effect.timeoutOption(shutdown.timeoutMs * flushShare)
      )
  )
})

/** Effect's spans through OpenTelemetry's SDK, in batches, to the collector at the base URL `endpoint`. */
export const exportTo = (endpoint: string) =>
  // The tracer's `context` would tell OpenTelemetry of each step of each fiber; nothing here asks OpenTelemetry for it.
  Layer.effect(
    Tracer.Tracer,
    Effect.map(OtelTracer.make, (tracer) => Tracer.make({ span: (options) => tracer.span(options) }))
  ).pipe(
    Layer.provide(OtelTracer.layerTracer),
    Layer.provide(Layer.effect(OtelTracer.OtelTracerProvider, makeProvider(endpoint))),
    Layer.provide(Resource.layerFromEnv())
  )
