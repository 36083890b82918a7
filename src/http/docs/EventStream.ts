import type { OpenApi } from "effect/http-api"
import { examples } from "../../domain/live/Examples.ts"

const mediaType = "text/event-stream"

const id = "Mhh2QpT1l0mHq6yZrW8xSLR7Im4iOjQyLCJzIjowfQ"

/**
 * Content of a response, in which a stream of events has an example of each type. The library also describes events for
 * its own failures, which are never sent.
 */
export const contentOf = (content: OpenApi.OpenApiSpecContent): OpenApi.OpenApiSpecContent => {
  const stream = content[mediaType]
  if (stream === undefined) return content
  const shown = Object.entries(examples).map(([event, data]) => [
    event,
    { value: { id, event, data: JSON.stringify(data) } }
  ])
  const media = { schema: stream.schema, examples: Object.fromEntries(shown) }
  return { [mediaType]: media }
}
