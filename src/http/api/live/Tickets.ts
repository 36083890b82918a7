import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { Invalid } from "../../Errors.ts"

const Ticket = Schema.Struct({
  ticket: Schema.String.annotate({ description: "`ticket` of /api/v1/live" }),
  expires_in: Schema.Int.annotate({ description: "Seconds within which the ticket opens its stream" })
}).annotate({
  identifier: "LiveTicket",
  description: "A ticket that opens one stream",
  examples: [{ ticket: "tbgt_…", expires_in: 30 }]
})

/** Tickets of the signed-in player. `Api.ts` adds the authentication. */
export class LiveTicketsApi extends HttpApiGroup.make("LiveTickets")
  .add(
    HttpApiEndpoint.post("create", "/live/ticket", { success: Ticket, error: Invalid }).annotateMerge(
      OpenApi.annotations({
        summary: "Get a ticket for a stream",
        description:
          "For `EventSource`, which cannot send an access token. A ticket opens one stream of /api/v1/live. While the " +
          "session lives, it also resumes that stream with `Last-Event-ID` for 24 hours. Public topics need no ticket."
      })
    )
  )
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ description: "Tickets for live updates" })) {}
