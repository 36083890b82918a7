import { Option, Schema } from "effect"
import { eventFrame } from "../../domain/live/Frame.ts"
import { OutboxEvent } from "../../domain/live/LiveEvent.ts"
import { minerTopic } from "../../domain/live/Topic.ts"

/** Returns the id of an event whose number in the outbox is `n`. */
export type IdOf = (n: number) => string

/** An event of the outbox. Its frame is made when a stream needs it, and shared by all streams. */
export class LiveEntry {
  readonly n: number
  /** Time of the commit in milliseconds since 1970. */
  readonly at: number
  /** Undefined if this version does not know the event, which then goes to no stream. */
  readonly event: OutboxEvent | undefined
  /** Whether only its owner may see the miner; undefined if that was not checked. */
  isHidden: boolean | undefined = undefined
  #frame: Uint8Array | undefined = undefined
  #anonymous: Uint8Array | undefined = undefined

  constructor(n: number, at: number, event: OutboxEvent | undefined) {
    this.n = n
    this.at = at
    this.event = event
  }

  /** Address of the miner; undefined for an event of the network or an unknown one. */
  get address(): string | undefined {
    return this.event !== undefined && "address" in this.event ? (this.event.address ?? undefined) : undefined
  }

  frame(idOf: IdOf): Uint8Array {
    this.#frame ??= encode(idOf(this.n), this.event)
    return this.#frame
  }

  /** Frame of a hidden miner's block for callers who may not see the miner. */
  anonymousFrame(idOf: IdOf): Uint8Array {
    this.#anonymous ??= encode(idOf(this.n), { ...this.event, address: null, worker: null })
    return this.#anonymous
  }
}

const encode = (id: string, event: object | undefined): Uint8Array =>
  eventFrame(id, event !== undefined && "type" in event ? String(event.type) : "", JSON.stringify(event))

const decodeEvent = Schema.decodeUnknownOption(OutboxEvent)

/** Entries of a row of the outbox, whose events are numbered from `first`. */
export const entriesOf = (first: number, at: number, events: ReadonlyArray<unknown>): ReadonlyArray<LiveEntry> =>
  events.map((event, index) => new LiveEntry(first + index, at, Option.getOrUndefined(decodeEvent(event))))

const noTopics: ReadonlyArray<string> = []

/** Topics whose streams get an event. A stream of `me` has the topics of the caller's miners. */
export const topicsOf = ({ address, event }: LiveEntry): ReadonlyArray<string> => {
  const miner = address === undefined ? noTopics : [minerTopic(address)]
  switch (event?.type) {
    case "share":
    case "worker":
      return miner
    case "best":
      return ["pool", ...miner]
    case "block":
      return ["blocks", "pool", ...miner]
    case "network":
      return ["network"]
    case undefined:
      return noTopics
  }
}
