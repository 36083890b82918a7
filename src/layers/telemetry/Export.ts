import * as OtelTracer from "@effect/opentelemetry/OtelTracer"
import * as Resource from "@effect/opentelemetry/Resource"
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http"
import { resourceFromAttributes } from "@opentelemetry/resources"
import { BasicTracerProvider, ParentBasedSampler, TraceIdRatioBasedSampler } from "@opentelemetry/sdk-trace-base"
import { Config, Effect, Layer, Tracer } from "effect"
import { AppConfig } from "../AppConfig.ts"
import { makeSpanQueue } from "./SpanQueue.ts"

/** Share of `TBG_SHUTDOWN_TIMEOUT_MS` for the export of queued spans. */
const flushShare = 0.05

/** Same default as the SDK. */
const queueSize = Config.withDefault(Config.Int("OTEL_BSP_MAX_QUEUE_SIZE"), 2048)

const makeProvider = Effect.fnUntraced(function* (endpoint: string) {
  const { appVersion, environment, shutdown, tracing } = yield* AppConfig
  const own = resourceFromAttributes({
    "service.name": "tbg-api",
    "service.version": appVersion,
    "service.instance.id": crypto.randomUUID(),
    "deployment.environment.name": environment
  })
  // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES override our attributes.
  const resource = own.merge(yield* Resource.Resource)
  // A `traceparent` header of the caller overrides the ratio.
  const sampler = new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(tracing.sampleRatio) })
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/u, "")}/v1/traces` })
  const queue = yield* makeSpanQueue(exporter, yield* Effect.orDie(queueSize))
  return yield* Effect.acquireRelease(
    Effect.sync(() => new BasicTracerProvider({ resource, sampler, spanProcessors: [queue] })),
    // Exports the queued spans. The queue reports those that are lost.
    (provider) =>
      Effect.tryPromise(() => provider.shutdown()).pipe(
        Effect.ignore,
        Effect.interruptible,
        Effect.timeoutOption(shutdown.timeoutMs * flushShare)
      )
  )
})

/** Tracer that exports spans with OpenTelemetry's SDK to the collector at the base URL `endpoint`. */
export const exportTo = (endpoint: string) =>
  // Omits the tracer's `context`, which would update OpenTelemetry's context at each step of a fiber.
  Layer.effect(
    Tracer.Tracer,
    Effect.map(OtelTracer.make, (tracer) => Tracer.make({ span: (options) => tracer.span(options) }))
  ).pipe(
    Layer.provide(OtelTracer.layerTracer),
    Layer.provide(Layer.effect(OtelTracer.OtelTracerProvider, makeProvider(endpoint))),
    Layer.provide(Resource.layerFromEnv())
  )
