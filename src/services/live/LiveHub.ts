import { Context } from "effect"
import type { Effect } from "effect"
import type { ByeReason } from "../../domain/live/LiveEvent.ts"
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
  readonly write: (bytes: Uint8Array) => void
  /** Number of bytes that were written and not yet taken by the operating system. */
  readonly buffered: () => number
  /** Sends what was written, then closes the connection. */
  readonly end: () => void
  /** Closes the connection at once. */
  readonly destroy: () => void
}

/** Handle of a stream for its transport. */
export interface Connection {
  /** Call it when `buffered` has fallen to 0. */
  readonly onDrain: () => void
  /** Call it when the connection is closed. */
  readonly onClose: () => void
}

/** Facts about an open stream that decide whether it may stay open. */
export interface OpenStream {
  readonly id: number
  readonly session: SignedInCaller | undefined
  readonly ticket: TicketUse | undefined
  /** Addresses of the topics `miner:{address}`. */
  readonly miners: ReadonlyArray<string>
  /** Addresses of the caller's account. */
  readonly own: ReadonlyArray<string>
}

/** Open streams of this process and the events that they get. */
export class LiveHub extends Context.Service<
  LiveHub,
  {
    /** Adds a stream and sends the events after its cursor. */
    readonly open: (subscription: Subscription, sink: Sink) => Effect.Effect<Connection>
    readonly streams: Effect.Effect<ReadonlyArray<OpenStream>>
    /** Sends `bye` and ends a stream. Events that wait in its queue are not sent. */
    readonly end: (id: number, reason: ByeReason) => Effect.Effect<void>
    /** Replaces the addresses of the caller's account. */
    readonly setOwn: (id: number, addresses: ReadonlyArray<string>) => Effect.Effect<void>
  }
>()("tbg-api/services/live/LiveHub") {}
