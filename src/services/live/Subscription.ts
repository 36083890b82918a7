import type { TicketUse } from "../../domain/live/Ticket.ts"
import type { Topic } from "../../domain/live/Topic.ts"
import type { SignedInCaller } from "../../domain/Session.ts"

export interface Subscription {
  /** Topics with canonical addresses of miners that the caller may see. */
  readonly topics: ReadonlyArray<Topic>
  /** Session of the caller; undefined if the caller is not signed in. */
  readonly session: SignedInCaller | undefined
  /** Canonical addresses of the caller's account. */
  readonly own: ReadonlyArray<string>
  readonly ticket: TicketUse | undefined
  /** `Last-Event-ID`, or else the query's cursor. */
  readonly cursor: string | undefined
}

/** Writable end of a stream. */
export interface Sink {
  /** Calls `onFlushed` when the operating system has accepted the bytes. */
  readonly write: (bytes: ReadonlyArray<Uint8Array>, onFlushed: () => void) => void
  /** Sends the written bytes, then closes the connection. */
  readonly end: () => void
  /** Closes the connection at once. */
  readonly destroy: () => void
}

/** Handle of a stream for its transport. */
export interface Connection {
  /** Must be called when the connection is closed. */
  readonly onClose: () => void
}
