import { Schema } from "effect"
import type { SignedInCaller } from "../Session.ts"
import { Uuid } from "../Text.ts"

/** Seconds within which a ticket opens its stream. */
export const ticketSeconds = 30

/** Hours after the first opening during which a ticket resumes its stream. */
export const resumableHours = 24

export const LiveTicketId = Uuid.pipe(Schema.brand("LiveTicketId"))
export type LiveTicketId = typeof LiveTicketId.Type

/** The ticket is malformed, unknown, expired or spent, or its session has ended. */
export class TicketInvalid extends Schema.TaggedError<TicketInvalid>()("TicketInvalid", {}) {}

/** One opening of a stream with a ticket. */
export interface TicketUse {
  /** Id of the ticket; not the secret. */
  readonly id: LiveTicketId
  /** Number of streams opened with the ticket, including this one. A higher number replaces this stream. */
  readonly opening: number
}

/** Session that a ticket stands for. */
export interface TicketSession extends SignedInCaller {
  readonly ticket: TicketUse
}
