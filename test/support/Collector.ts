import type { ServerResponse } from "node:http"
import { text } from "node:stream/consumers"
import { Effect, Schema } from "effect"
import { httpStub, json } from "./HttpStub.ts"
import type { Respond } from "./HttpStub.ts"

const Value = Schema.Record(Schema.String, Schema.Unknown)
const Attributes = Schema.Array(Schema.Struct({ key: Schema.String, value: Value }))
const Span = Schema.Struct({
  traceId: Schema.String,
  spanId: Schema.String,
  parentSpanId: Schema.optional(Schema.String),
  name: Schema.String,
  kind: Schema.Int,
  startTimeUnixNano: Schema.String,
  endTimeUnixNano: Schema.String,
  attributes: Attributes,
  events: Schema.Array(Schema.Unknown),
  links: Schema.Array(Schema.Struct({ traceId: Schema.String, spanId: Schema.String })),
  status: Schema.Struct({ code: Schema.Int, message: Schema.optional(Schema.String) })
})
/** JSON body of an exporter (OTLP 1, `ExportTraceServiceRequest`). */
const Exported = Schema.fromJsonString(
  Schema.Struct({
    resourceSpans: Schema.Array(
      Schema.Struct({
        resource: Schema.Struct({ attributes: Attributes }),
        scopeSpans: Schema.Array(Schema.Struct({ spans: Schema.Array(Span) }))
      })
    )
  })
)
const decodeExported = Schema.decodeUnknownSync(Exported)

type Flat = Readonly<Record<string, unknown>>

/** An exported span; `kind` and `status` are OTLP numbers, 2 for a server and for an error. */
export interface CollectedSpan extends Omit<typeof Span.Type, "attributes" | "status"> {
  readonly attributes: Flat
  readonly resource: Flat
  readonly status: number
}

/** An attribute's value is in a field named after its type; integers may be text. */
const flat = (attributes: typeof Attributes.Type): Flat =>
  Object.fromEntries(
    attributes.map(({ key, value }) => {
      const [[type, given] = ["", undefined]] = Object.entries(value)
      return [key, type === "intValue" ? Number(given) : given]
    })
  )

const spansIn = ({ resourceSpans }: typeof Exported.Type): ReadonlyArray<CollectedSpan> =>
  resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans
      .flatMap(({ spans }) => spans)
      .map(({ attributes, status, ...span }) => ({
        ...span,
        attributes: flat(attributes),
        resource: flat(resource.attributes),
        status: status.code
      }))
  )

/** An OpenTelemetry collector that stores what it receives; its response can be changed. */
export const collector = Effect.fnUntraced(function* (first: Respond = json({})) {
  const spans: Array<CollectedSpan> = []
  const paths: Array<string | undefined> = []
  const bodies: Array<string> = []
  let respond = first
  /** A response that begins before its request was read discards the rest of that. */
  const collect = async (response: ServerResponse): Promise<void> => {
    const body = await text(response.req)
    bodies.push(body)
    spans.push(...spansIn(decodeExported(body)))
    respond(response)
  }
  const stub = yield* httpStub((response) => {
    paths.push(response.req.url)
    void collect(response)
  })
  return {
    url: stub.url,
    /** Spans of all requests, whatever the response. */
    spans,
    /** The raw request bodies. */
    bodies,
    /** The request paths. */
    paths,
    end: stub.end,
    /** Changes the response. */
    responds: (next: Respond): void => {
      respond = next
    }
  }
})

/** Spans of a trace by name, if each name is unique. */
export const byName = (spans: ReadonlyArray<CollectedSpan>): ReadonlyMap<string, CollectedSpan> =>
  new Map(spans.map((span) => [span.name, span]))
