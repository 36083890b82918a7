import { Context, Layer } from "effect"
import type { Effect } from "effect"
import type { ByeReason } from "../../domain/live/LiveEvent.ts"
import type { TicketUse } from "../../domain/live/Ticket.ts"
import type { SignedInCaller } from "../../domain/Session.ts"
import { hubDefaults, makeHub } from "./Hub.ts"
import type { HubOptions } from "./Hub.ts"
import type { Connection, Sink, Subscription } from "./Subscription.ts"

/** Properties of an open stream that decide whether it may stay open. */
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
    /** Adds a stream, and sends its first bytes and the events after its cursor. */
    readonly open: (subscription: Subscription, sink: Sink) => Connection
    readonly streams: Effect.Effect<ReadonlyArray<OpenStream>>
    /** Sends `bye` and ends a stream. Events that wait in its queue are not sent. */
    readonly end: (id: number, reason: ByeReason) => Effect.Effect<void>
    /** Replaces the addresses of the caller's account. */
    readonly setOwn: (id: number, addresses: ReadonlyArray<string>) => Effect.Effect<void>
    /** Ends all open and later streams with `bye`, whose delays spread the reconnects evenly over `spreadMs`. */
    readonly drain: (spreadMs: number) => Effect.Effect<void>
  }
>()("tbg-api/services/live/LiveHub") {
  static readonly layer = (options: Partial<HubOptions> = {}) =>
    Layer.effect(LiveHub, makeHub({ ...hubDefaults, ...options }))
}
