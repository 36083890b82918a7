import { Effect, Redacted } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { ticketSeconds } from "../../../domain/live/Ticket.ts"
import { LiveTickets } from "../../../services/live/LiveTickets.ts"
import { Api } from "../../api/Api.ts"
import { CurrentSession } from "../../api/SignedIn.ts"

export const LiveTicketsHandlers = HttpApiBuilder.group(
  Api,
  "LiveTickets",
  Effect.fnUntraced(function* (group) {
    const { issue } = yield* LiveTickets

    return group.handleAll({
      create: Effect.fnUntraced(function* () {
        const { sessionId } = yield* CurrentSession
        return { ticket: Redacted.value(yield* issue(sessionId)), expires_in: ticketSeconds }
      })
    })
  })
)
