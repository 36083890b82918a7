import type { SimulatedWorker } from "./Fleet.ts"

interface Base {
  /** Time of the event, in microseconds since 1970. */
  readonly at: number
}

/** Accepted share. */
export interface ShareEvent extends Base {
  readonly type: "share_submitted"
  readonly worker: SimulatedWorker
  /** Assigned difficulty. */
  readonly difficulty: number
  /** Difficulty that the hash reached, rounded to the 8 decimals of the event. */
  readonly reached: number
  /** Address that the event credits by mistake, because the worker's name contains a second `user` key. */
  readonly forgedUser?: string
}

type Value = string | number | boolean

/** Any other event, with its payload in the order of the producer. */
export interface OtherEvent extends Base {
  readonly type:
    | "share_best_diff"
    | "block_found"
    | "new_block_network"
    | "miner_connected"
    | "miner_disconnected"
    | "asicboost_detected"
    | "hashrate_update"
  readonly producer: SimulatedWorker["producer"]
  readonly data: Readonly<Record<string, Value>>
}

export type SimulatedEvent = ShareEvent | OtherEvent

export const isShare = (event: SimulatedEvent): event is ShareEvent => event.type === "share_submitted"

/** New entry of a Redis stream, with its fields in order. */
export interface NewEntry {
  readonly stream: string
  readonly fields: Readonly<Record<string, string>>
}

/** Row of the table `shares`, as the collector inserts it. */
export interface ShareRow {
  readonly at: number
  readonly address: string
  readonly worker: string
  readonly difficulty: number
  readonly reached: number
}

const decimals = (value: number): string => value.toFixed(8)

const payloadOf = (event: SimulatedEvent): Readonly<Record<string, Value>> =>
  isShare(event)
    ? {
        user: event.worker.address,
        worker: event.worker.fullName,
        client_id: "",
        diff: event.difficulty,
        sdiff: event.reached,
        accepted: true,
        reject_reason: "",
        ip: "",
        ...(event.forgedUser === undefined ? {} : { forged: event.forgedUser })
      }
    : event.data

/** A field of the JSON text. Text is not escaped, because the engine does not. */
const member = ([name, value]: [string, Value]): string => {
  if (name === "sdiff" && typeof value === "number") return `"sdiff":${decimals(value)}`
  if (name === "forged") return `"user":"${value}"`
  return typeof value === "string" ? `"${name}":"${value}"` : `"${name}":${value}`
}

const textOf = ([name, value]: [string, Value]): [string, string] =>
  name === "sdiff" && typeof value === "number" ? [name, decimals(value)] : [name, String(value)]

/** Seconds since 1970, with 6 decimals. */
const secondsOf = (micros: number): string => {
  const seconds = Math.floor(micros / 1_000_000)
  return `${seconds}.${String(micros - seconds * 1_000_000).padStart(6, "0")}`
}

/** Entry as the event's producer writes it. */
export const entryOf = (event: SimulatedEvent): NewEntry => {
  const producer = isShare(event) ? event.worker.producer : event.producer
  const stream = `mining:${event.type}`
  const common = { event: event.type, ts: secondsOf(event.at) }
  const members = Object.entries(payloadOf(event))
  if (producer === "bridge") {
    // Stream fields have no second `user`: the bridge has parsed the event, and the last one won.
    const { forged, ...flat } = Object.fromEntries(members.map(textOf))
    return { stream, fields: { ...common, ...flat, ...(forged === undefined ? {} : { user: forged }) } }
  }
  return { stream, fields: { ...common, source: "hosted", data: `{${members.map(member).join(",")}}` } }
}

/**
 * Row of a share as the collector inserts it, or `undefined` if it could not parse the event. It credits a forged user,
 * because the last of two equal JSON keys wins.
 */
export const rowOf = ({ at, difficulty, forgedUser, reached, worker }: ShareEvent): ShareRow | undefined =>
  worker.producer === "collector" && worker.fullName.includes('"') && forgedUser === undefined
    ? undefined
    : { at, address: forgedUser ?? worker.address, worker: worker.fullName, difficulty, reached }
