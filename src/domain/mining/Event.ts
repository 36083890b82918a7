interface Timed {
  /** Time of the event in microseconds since 1970. */
  readonly at: number
}

interface OfWorker extends Timed {
  /** Canonical address. */
  readonly address: string
  /** Name of the worker without the address. */
  readonly worker: string
}

/** Accepted share. */
export interface Share extends OfWorker {
  readonly _tag: "Share"
  /** Arrival in the stream, in microseconds since 1970. */
  readonly arrivedAt: number
  /** Assigned difficulty. */
  readonly difficulty: number
  /** Difficulty that the hash reached. */
  readonly reached: number
}

export interface Connection extends OfWorker {
  readonly _tag: "Connected" | "Disconnected"
}

/** Block found by the pool. Values that the engine does not know are `null`. */
export interface FoundBlock extends Timed {
  readonly _tag: "FoundBlock"
  readonly height: number
  readonly hash: string | null
  readonly difficulty: number | null
  readonly address: string | null
  readonly worker: string | null
}

/** New block of the network. */
export interface NetworkBlock extends Timed {
  readonly _tag: "NetworkBlock"
  readonly height: number
  readonly hash: string | null
  readonly prevHash: string | null
  readonly difficulty: number | null
}

/** Event of a known type that changes nothing. */
interface Ignored {
  readonly _tag: "Ignored"
}

/** Event of an unknown type. */
interface Unknown {
  readonly _tag: "Unknown"
}

/** Reasons to quarantine an event. */
export type QuarantineReason =
  | "bad_json"
  | "bad_text"
  | "bad_address"
  | "bad_name"
  | "bad_difficulty"
  | "bad_height"
  | "bad_time"
  | "duplicate_key"
  | "in_future"
  | "misattributed"
  | "oversized"
  | "refused_by_database"
  | "too_old"
  | "wrong_network"

interface Refused {
  readonly _tag: "Refused"
  readonly reason: QuarantineReason
}

export type MiningEvent = Share | Connection | FoundBlock | NetworkBlock

/** Result of reading an entry. */
export type Reading = MiningEvent | Ignored | Unknown | Refused

export const refused = (reason: QuarantineReason): Refused => ({ _tag: "Refused", reason })
