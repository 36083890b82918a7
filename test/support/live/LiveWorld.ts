import { Clock, Effect, Layer } from "effect"
import type { OutboxEvent } from "../../../src/domain/live/LiveEvent.ts"
import { entriesOf } from "../../../src/services/live/LiveEntry.ts"
import { Outbox } from "../../../src/services/live/Outbox.ts"

export const miners = ["alice", "bob"] as const
export type MinerName = (typeof miners)[number]

/** State of a topic as REST answers it: what the events of the topic add up to. */
export interface LiveState {
  /** Shares of all miners of the client together. */
  readonly shares: number
  readonly bests: Readonly<Record<string, number>>
  readonly workers: Readonly<Record<string, string>>
  readonly blocks: ReadonlyArray<number>
  readonly height: number
}

export const emptyState: LiveState = { shares: 0, bests: {}, workers: {}, blocks: [], height: 0 }

/** The state after one more event. */
export const applied = (state: LiveState, event: OutboxEvent): LiveState => {
  switch (event.type) {
    case "share":
      return { ...state, shares: state.shares + 1 }
    case "best":
      return { ...state, bests: { ...state.bests, [event.address]: event.difficulty } }
    case "worker":
      return { ...state, workers: { ...state.workers, [`${event.address} ${event.worker}`]: event.state } }
    case "block":
      return { ...state, blocks: [...state.blocks, event.id] }
    case "network":
      return { ...state, height: event.height }
  }
}

/** Topics whose streams get an event. */
export const topicsOfEvent = (event: OutboxEvent): ReadonlyArray<string> => {
  if (event.type === "network") return ["network"]
  const miner = event.address === null ? [] : [`miner:${event.address}`]
  if (event.type === "block") return ["blocks", "pool", ...miner]
  return event.type === "best" ? ["pool", ...miner] : miner
}

interface Row {
  readonly first: number
  readonly at: number
  readonly events: ReadonlyArray<OutboxEvent>
}

/** An outbox in memory, with all events that were ever committed. Processes share it. */
export class LiveWorld {
  readonly committed: Array<OutboxEvent> = []
  /** Whether Postgres does not answer. */
  isAway = false
  #rows: Array<Row> = []

  get last(): number {
    return this.committed.length
  }

  commit(events: ReadonlyArray<OutboxEvent>, at: number): void {
    this.#rows.push({ first: this.last + 1, at, events })
    this.committed.push(...events)
  }

  /** Removes all rows, as retention does in time. */
  removeRows(): void {
    this.#rows = []
  }

  /** State for a client with these topics, with the number up to which it is complete. */
  snapshot(topics: ReadonlyArray<string>): { readonly state: LiveState; readonly n: number } {
    const events = this.committed.filter((event) => topicsOfEvent(event).some((topic) => topics.includes(topic)))
    return { state: events.reduce(applied, emptyState), n: this.last }
  }

  readonly outbox = Layer.succeed(Outbox, {
    after: (n) =>
      Effect.suspend(() => {
        if (this.isAway) return Effect.die("away")
        const rows = this.#rows.filter(({ events, first }) => first + events.length - 1 > n)
        const entries = rows.flatMap(({ at, events, first }) => entriesOf(first, at, events))
        return Effect.succeed({ last: this.last, entries, hasMore: false })
      }),
    startOf: () => Effect.sync(() => (this.#rows[0]?.first ?? this.last + 1) - 1)
  })
}

const at = "2026-12-01T00:00:00.000000Z"

/** An event by its type; `value` makes it different from others. */
export const eventOf = (type: OutboxEvent["type"], address: MinerName, value: number): OutboxEvent => {
  const worker = `rig${value % 3}`
  switch (type) {
    case "share":
      return { type, address, worker, at, difficulty: 1024, reached: 1024 + value }
    case "best":
      return { type, address, worker, difficulty: 1 + value, previous: null, at }
    case "worker":
      return { type, address, worker, state: value % 2 === 0 ? "connected" : "disconnected", at }
    case "block":
      return { type, id: value, height: value, hash: null, address, worker, difficulty: null, at }
    case "network":
      return { type, height: value, hash: null, difficulty: null, at }
  }
}

export const commitNow = (world: LiveWorld, events: ReadonlyArray<OutboxEvent>) =>
  Effect.map(Clock.currentTimeMillis, (now) => world.commit(events, now))
