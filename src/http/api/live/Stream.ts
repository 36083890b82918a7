import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiSchema, OpenApi } from "effect/http-api"
import { LiveEvent } from "../../../domain/live/LiveEvent.ts"
import { Invalid, NotFound, Overloaded, Unauthorized } from "../../Errors.ts"
import { topicsQuery } from "./Snapshot.ts"

const cursorText = Schema.String.check(Schema.isMaxLength(1000))

export const stream = HttpApiEndpoint.get("stream", "/live", {
  query: {
    ...topicsQuery,
    cursor: Schema.optionalKey(
      cursorText.annotate({
        description:
          "Where to continue: `cursor` of a snapshot, or the id of an event. `Last-Event-ID` takes precedence"
      })
    ),
    ticket: Schema.optionalKey(
      Schema.String.check(Schema.isMaxLength(200)).annotate({
        description: "Ticket from /api/v1/live/ticket, for clients that cannot send an access token"
      })
    )
  },
  headers: {
    "last-event-id": Schema.optionalKey(
      cursorText.annotate({ description: "Id of the last event; browsers send it when they reconnect" })
    )
  },
  success: HttpApiSchema.StreamSse({ data: LiveEvent }),
  error: [Invalid, Unauthorized, NotFound, Overloaded]
}).annotateMerge(
  OpenApi.annotations({
    summary: "Open a stream of events",
    description:
      "Server-sent events of the topics. With a cursor, the stream continues without loss or repetition, or starts with " +
      "`reset`. 401 for `me` without a session or for an invalid ticket, 404 for an unknown or hidden miner, 503 with " +
      "`Retry-After` if too many streams are open."
  })
)
