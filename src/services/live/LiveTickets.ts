import { Context } from "effect"
import type { Effect } from "effect"
import type { TicketInvalid, TicketSession } from "../../domain/live/Ticket.ts"

/** Tickets that open streams without headers. */
export class LiveTickets extends Context.Service<
  LiveTickets,
  {
    /** Opens a stream. Without a valid `Last-Event-ID`, only the first opening within 30 seconds succeeds. */
    readonly open: (ticket: string, hasLastEventId: boolean) => Effect.Effect<TicketSession, TicketInvalid>
  }
>()("tbg-api/services/live/LiveTickets") {}
