import { byeFrame } from "../../domain/live/Frame.ts"
import type { ByeReason } from "../../domain/live/LiveEvent.ts"
import { addressOf, minerTopic } from "../../domain/live/Topic.ts"
import type { EndReason } from "./LiveMetrics.ts"
import { StreamQueue } from "./StreamQueue.ts"
import type { Item } from "./StreamQueue.ts"
import type { Sink, Subscription } from "./Subscription.ts"

/** Maximum number of bytes that wait for a stream, in its queue and its socket. */
export const maxWaitingBytes = 65_536
/** Bytes given to the socket at once. The rest waits in the queue, where it can still be dropped or replaced. */
const writeBytes = 16_384

/** Milliseconds before a client reconnects after `bye`. A replaced stream must not replace its successor at once. */
const reconnectMs: Readonly<Record<ByeReason, number>> = {
  draining: 1000,
  session_ended: 1000,
  hidden: 1000,
  replaced: 60_000,
  too_slow: 1000
}

/** Functions of the hub that a stream uses. */
export interface StreamContext {
  /** Returns a new id of an event that is not from the outbox. `n` is the number up to which the stream is complete. */
  readonly idOf: (n: number) => string
  /** Number of the newest event that the hub sent. */
  readonly last: () => number
  readonly gapOf: (n: number, dropped: number) => Uint8Array
  /** Returns the next events of a stream that replays the ring, and moves its place behind them. */
  readonly replay: (stream: LiveStream, size: number) => ReadonlyArray<Item>
  readonly now: () => number
  readonly onDropped: (shares: number) => void
  readonly onEnd: (stream: LiveStream, reason: EndReason) => void
}

const topicsFor = ({ topics }: Subscription, addresses: ReadonlyArray<string>): ReadonlyArray<string> => {
  const mine = topics.includes("me") ? addresses.map(minerTopic) : []
  return [...new Set([...topics.filter((topic) => topic !== "me"), ...mine])]
}

/** An open stream: its subscription, its place in the outbox, and the bytes that wait for it. */
export class LiveStream {
  readonly id: number
  readonly subscription: Subscription
  readonly #sink: Sink
  readonly #context: StreamContext
  readonly #queue = new StreamQueue()
  /** Number of the newest event that was sent, queued or skipped. */
  seen: number
  /** Whether the stream still gets its events from the ring, including new ones. */
  isReplaying = true
  #own: ReadonlyArray<string>
  #topics: ReadonlyArray<string>
  #written: number
  #inFlight = 0
  #waitingSince: number | undefined = undefined
  #isEnded = false

  constructor(id: number, subscription: Subscription, seen: number, sink: Sink, context: StreamContext) {
    this.id = id
    this.subscription = subscription
    this.#own = subscription.own
    this.#topics = topicsFor(subscription, subscription.own)
    this.seen = seen
    this.#written = seen
    this.#sink = sink
    this.#context = context
  }

  /** Addresses of the caller's account. */
  get own(): ReadonlyArray<string> {
    return this.#own
  }

  /** Topics with those of the caller's miners instead of `me`. */
  get topics(): ReadonlyArray<string> {
    return this.#topics
  }

  /** Replaces the addresses of the caller's account. The stream must not be in the index meanwhile. */
  setOwn(addresses: ReadonlyArray<string>): void {
    this.#own = addresses
    this.#topics = topicsFor(this.subscription, addresses)
  }

  /** Addresses of the topics `miner:{address}`. */
  get miners(): ReadonlyArray<string> {
    return this.subscription.topics.flatMap((topic) => addressOf(topic) ?? [])
  }

  get waitingBytes(): number {
    return this.#inFlight + this.#queue.bytes
  }

  /** Whether nothing waits, so the client has everything that the hub sent. */
  get isCurrent(): boolean {
    return !this.isReplaying && this.waitingBytes === 0
  }

  /** Milliseconds for which bytes have been waiting; 0 if none are. */
  waitingMs(now: number): number {
    return this.#waitingSince === undefined ? 0 : now - this.#waitingSince
  }

  /** Sends an item, or queues it behind others. */
  send(item: Item): void {
    if (this.#isEnded) return
    if (this.#inFlight === 0 && this.#queue.isEmpty) return this.#write([item])
    const dropped = this.#queue.offer(item, maxWaitingBytes - this.#inFlight)
    if (dropped > 0) this.#context.onDropped(dropped)
    if (dropped === -1) this.end("too_slow")
  }

  /** Continues a replay, unless bytes still wait. */
  pump(): void {
    if (this.#isEnded || this.#inFlight > 0) return
    const queued = this.#queue.take(writeBytes, this.#context.gapOf)
    const items = queued.length === 0 && this.isReplaying ? this.#context.replay(this, writeBytes) : queued
    if (items.length > 0) this.#write(items)
    else this.#waitingSince = undefined
  }

  /** Sends `bye` after what was written, and closes the stream. Queued events are not sent. */
  end(reason: ByeReason, retryMs = reconnectMs[reason]): void {
    if (this.#isEnded) return
    // The client resumes after the last written item, and gets the discarded ones then.
    const n = this.#queue.isEmpty && !this.isReplaying ? this.#context.last() : this.#written
    this.#close(reason)
    const data = JSON.stringify({ type: "bye", reason, reconnect_ms: retryMs })
    this.#sink.write([byeFrame(this.#context.idOf(n), data, retryMs)], () => {})
    this.#sink.end()
  }

  /** Closes the connection without `bye`. */
  destroy(reason: EndReason): void {
    if (this.#isEnded) return
    this.#close(reason)
    this.#sink.destroy()
  }

  /** Must be called when the connection is closed. */
  readonly onClose = (): void => {
    if (!this.#isEnded) this.#close("client")
  }

  #close(reason: EndReason): void {
    this.#isEnded = true
    this.#queue.clear()
    this.#context.onEnd(this, reason)
  }

  #write(items: ReadonlyArray<Item>): void {
    for (const { bytes } of items) this.#inFlight += bytes.length
    this.#written = items.at(-1)?.n ?? this.#written
    this.#waitingSince ??= this.#context.now()
    this.#sink.write(
      items.map(({ bytes }) => bytes),
      this.#onFlushed
    )
  }

  readonly #onFlushed = (): void => {
    this.#inFlight = 0
    this.pump()
  }
}
