import { assert } from "@effect/vitest"
import { Schema } from "effect"
import { LiveEvent } from "../../../src/domain/live/LiveEvent.ts"
import type { LiveHub } from "../../../src/services/live/LiveHub.ts"
import type { Connection, Sink } from "../../../src/services/live/Subscription.ts"
import { applied } from "./LiveWorld.ts"
import type { LiveState, LiveWorld } from "./LiveWorld.ts"

const decodeEvent = Schema.decodeUnknownSync(Schema.fromJsonString(LiveEvent))
const text = new TextDecoder()

interface Written {
  readonly chunks: ReadonlyArray<Uint8Array>
  readonly onFlushed: () => void
}

export interface Ids {
  readonly encode: (place: { readonly n: number; readonly s: number }) => string
  readonly decode: (id: string) => { readonly n: number; readonly s: number } | undefined
}

/** A client as the documentation tells it to be: snapshot, stream, resume, and a new snapshot after `reset`. */
export class ScriptedClient {
  readonly topics: ReadonlyArray<"pool" | "network" | "blocks" | `miner:${string}`>
  state: LiveState
  /** Whether it reads what is written at once. */
  isFast = true
  gaps = 0
  resets = 0
  byes: Array<string> = []
  /** The first broken rule. The hub calls from outside of the test, so it is not thrown there. */
  failure: unknown = undefined
  readonly #world: LiveWorld
  readonly #ids: Ids
  readonly #seenIds = new Set<string>()
  #n: number
  #cursor: string
  #connection: Connection | undefined
  #unread: Array<Written> = []
  #generation = 0

  constructor(topics: ScriptedClient["topics"], world: LiveWorld, ids: Ids) {
    this.topics = topics
    this.#world = world
    this.#ids = ids
    const { n, state } = world.snapshot(topics)
    this.state = state
    this.#n = n
    this.#cursor = ids.encode({ n, s: 0 })
  }

  get isOpen(): boolean {
    return this.#connection !== undefined
  }

  /** Bytes that wait in the hub's socket. */
  get unreadBytes(): number {
    return this.#unread.flatMap(({ chunks }) => chunks).reduce((sum, { length }) => sum + length, 0)
  }

  open(hub: LiveHub["Service"]): void {
    if (this.isOpen) return
    this.#generation += 1
    this.#seenIds.clear()
    const generation = this.#generation
    const isCurrent = (): boolean => generation === this.#generation
    const sink: Sink = {
      write: (chunks, onFlushed) => {
        if (!isCurrent()) return
        this.#unread.push({ chunks, onFlushed })
        if (this.isFast) queueMicrotask(() => isCurrent() && this.read())
      },
      end: () => {
        if (!isCurrent()) return
        // The last bytes arrive, and then the end.
        this.read()
        this.#disconnect()
      },
      destroy: () => isCurrent() && this.#disconnect()
    }
    const { topics } = this
    this.#connection = hub.open({ topics, session: undefined, own: [], ticket: undefined, cursor: this.#cursor }, sink)
  }

  /** Loses the connection, with all bytes that were not read. */
  close(): void {
    const connection = this.#connection
    this.#disconnect()
    connection?.onClose()
  }

  /** Reads everything that was written. */
  read(): void {
    for (let next = this.#unread.shift(); next !== undefined; next = this.#unread.shift()) {
      const generation = this.#generation
      for (const chunk of next.chunks) if (generation === this.#generation) this.#check(text.decode(chunk))
      if (generation === this.#generation) next.onFlushed()
    }
  }

  #disconnect(): void {
    this.#generation += 1
    this.#connection = undefined
    this.#unread = []
  }

  #check(frame: string): void {
    try {
      this.#receive(frame)
    } catch (error) {
      this.failure ??= error
    }
  }

  #receive(frame: string): void {
    const fields = new Map(
      frame.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(": ") + 2)])
    )
    const id = fields.get("id")
    if (id !== undefined) this.#cursor = id
    const data = fields.get("data")
    if (id === undefined || data === undefined) return
    assert.isFalse(this.#seenIds.has(id), "an id came twice")
    this.#seenIds.add(id)
    this.#handle(decodeEvent(data), this.#ids.decode(id)?.n ?? -1)
  }

  #handle(event: LiveEvent, n: number): void {
    switch (event.type) {
      case "gap":
        this.gaps += event.dropped
        this.state = { ...this.state, shares: this.state.shares + event.dropped }
        return
      case "reset":
        this.resets += 1
        return this.#reload()
      case "bye":
        this.byes.push(event.reason)
        return
      case "summary":
      case "board":
        return assert.isAtLeast(n, this.#n, "the place of a state is before that of an event")
      case "share":
      case "worker":
      case "best":
      case "block":
      case "network":
        assert.isAbove(n, this.#n, "an event came twice or out of order")
        this.#n = n
        this.state = applied(this.state, event)
    }
  }

  /** Loads the snapshot, and continues from it with a new stream. */
  #reload(): void {
    this.close()
    const { n, state } = this.#world.snapshot(this.topics)
    this.state = state
    this.#n = n
    this.#cursor = this.#ids.encode({ n, s: 0 })
  }
}
