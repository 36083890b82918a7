import type { OpenApi } from "effect/http-api"
import { examples } from "../../domain/live/Examples.ts"

const mediaType = "text/event-stream"

const id = "Mhh2QpT1l0mHq6yZrW8xSLR7Im4iOjQyLCJzIjowfQ"

/**
 * Adds an example of each event to the content of a stream. Removes the library's description of events for its own
 * failures, because they are never sent.
 */
export const withEventExamples = (content: OpenApi.OpenApiSpecContent): OpenApi.OpenApiSpecContent => {
  const stream = content[mediaType]
  if (stream === undefined) return content
  const entries = Object.entries(examples).map(([event, data]) => [
    event,
    { value: { id, event, data: JSON.stringify(data) } }
  ])
  const media = { schema: stream.schema, examples: Object.fromEntries(entries) }
  return { [mediaType]: media }
}
