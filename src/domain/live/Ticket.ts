import { Schema } from "effect"
import type { SignedInCaller } from "../Session.ts"

/** The ticket is malformed, unknown, expired or spent, or its session has ended. */
export class TicketInvalid extends Schema.TaggedError<TicketInvalid>()("TicketInvalid", {}) {}

/** One opening of a stream with a ticket. */
export interface TicketUse {
  /** Id of the ticket; not the secret. */
  readonly id: string
  /** Number of streams opened with the ticket, including this one. A higher number replaces this stream. */
  readonly opening: number
}

/** Session that a ticket stands for. */
export interface TicketSession extends SignedInCaller {
  readonly ticket: TicketUse
}
