import * as OtelTracer from "@effect/opentelemetry/OtelTracer"
import * as Resource from "@effect/opentelemetry/Resource"
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http"
import { resourceFromAttributes } from "@opentelemetry/resources"
import { BasicTracerProvider, ParentBasedSampler, TraceIdRatioBasedSampler } from "@opentelemetry/sdk-trace-base"
import type { SpanProcessor } from "@opentelemetry/sdk-trace-base"
import { Config, Effect, Layer, Option, Tracer } from "effect"
import { makeSpanQueue } from "./SpanQueue.ts"

export interface ExportOptions {
  /** Of the collector, without the path of a signal. */
  readonly endpoint: string
  /** Of traces that begin here, from 0 to 1; of others their beginner decides. */
  readonly sampleRatio: number
  readonly version: string
  readonly environment: string
  /** The most that the end waits for the collector. */
  readonly flushMs: number
}

/** The SDK's own default. */
const queueSize = Config.withDefault(Config.Int("OTEL_BSP_MAX_QUEUE_SIZE"), 2048)

/** Who exports: what the operator says in `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` wins. */
const resourceOf = ({ environment, version }: ExportOptions) =>
  Layer.effect(
    Resource.Resource,
    Effect.map(Resource.Resource, (named) =>
      resourceFromAttributes({
        "service.name": "tbg-api",
        "service.version": version,
        "service.instance.id": crypto.randomUUID(),
        "deployment.environment.name": environment
      }).merge(named)
    )
  ).pipe(Layer.provide(Resource.layerFromEnv()))

const isDropped = (parent: Option.Option<Tracer.AnySpan>): boolean => Option.isSome(parent) && !parent.value.sampled

/**
 * Nothing here asks OpenTelemetry which span is open, so it is not told of each step of a fiber; nor of spans below one
 * that is not exported, which the sampler would only drop.
 */
const EffectTracer = Layer.effect(
  Tracer.Tracer,
  Effect.map(OtelTracer.make, (tracer) =>
    Tracer.make({
      span: (options) =>
        isDropped(options.parent) ? new Tracer.NativeSpan({ ...options, sampled: false }) : tracer.span(options)
    })
  )
)

/** The SDK with one processor; what `NodeSdk` has besides are signals that do not go this way. */
const providerOf = (processor: SpanProcessor, { flushMs, sampleRatio }: ExportOptions) =>
  Layer.effect(
    OtelTracer.OtelTracerProvider,
    Effect.flatMap(Resource.Resource, (resource) =>
      Effect.acquireRelease(
        Effect.sync(
          () =>
            new BasicTracerProvider({
              resource,
              sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampleRatio) }),
              spanProcessors: [processor]
            })
        ),
        // Its end exports what waits. The queue has told of what it lost: an end that fails is no failure of the
        // service.
        (provider) =>
          Effect.tryPromise(() => provider.shutdown()).pipe(
            Effect.ignore,
            Effect.interruptible,
            Effect.timeoutOption(flushMs)
          )
      )
    )
  )

/** Spans of Effect through the SDK of OpenTelemetry, in batches, to a collector. */
export const exported = (options: ExportOptions) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const url = `${options.endpoint.replace(/\/+$/, "")}/v1/traces`
      const queue = yield* makeSpanQueue(new OTLPTraceExporter({ url }), yield* Effect.orDie(queueSize))
      return EffectTracer.pipe(
        Layer.provide(OtelTracer.layerTracer),
        Layer.provide(providerOf(queue, options)),
        Layer.provide(resourceOf(options))
      )
    })
  )
