import type { ReadableSpan, TimedEvent } from "@opentelemetry/sdk-trace-base"

const isException = ({ name }: TimedEvent): boolean => name === "exception"

/** What failed, by the name of its class. */
const errorTypeOf = ({ attributes, events }: ReadableSpan) =>
  attributes["error.type"] ?? events.find(isException)?.attributes?.["exception.type"]

/**
 * A span without the words of what failed in it: a driver's error names hosts, roles and the values of a row. The log
 * has them, under the same trace; the span keeps the error's class.
 */
export const discreet = (span: ReadableSpan): ReadableSpan => {
  if (span.status.message === undefined && !span.events.some(isException)) return span
  const errorType = errorTypeOf(span)
  return {
    name: span.name,
    kind: span.kind,
    spanContext: () => span.spanContext(),
    ...(span.parentSpanContext === undefined ? {} : { parentSpanContext: span.parentSpanContext }),
    startTime: span.startTime,
    endTime: span.endTime,
    status: { code: span.status.code },
    attributes: errorType === undefined ? span.attributes : { ...span.attributes, "error.type": errorType },
    links: span.links,
    events: span.events.filter((event) => !isException(event)),
    duration: span.duration,
    ended: span.ended,
    resource: span.resource,
    instrumentationScope: span.instrumentationScope,
    droppedAttributesCount: span.droppedAttributesCount,
    droppedEventsCount: span.droppedEventsCount,
    droppedLinksCount: span.droppedLinksCount
  }
}
