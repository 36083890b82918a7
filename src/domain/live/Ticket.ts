import { Schema } from "effect"
import { SessionId } from "../Session.ts"
import { AccountId } from "../Account.ts"
import { Uuid } from "../Text.ts"

/** Seconds within which a ticket opens its stream. */
export const ticketSeconds = 30

/** Hours after the first opening during which a ticket resumes its stream. */
export const resumableHours = 24

export const LiveTicketId = Uuid.pipe(Schema.brand("LiveTicketId"))
export type LiveTicketId = typeof LiveTicketId.Type

/** Ticket of an open stream. A later opening has a higher number, and replaces the stream. */
export const OpenedTicket = Schema.Struct({
  ticketId: LiveTicketId,
  opening: Schema.Int,
  sessionId: SessionId,
  accountId: AccountId
})
export type OpenedTicket = typeof OpenedTicket.Type

/** The ticket is malformed, unknown, spent or expired, or its session has ended. */
export class TicketInvalid extends Schema.TaggedError<TicketInvalid>()("TicketInvalid", {}) {}
