import { refused } from "./Event.ts"
import type { QuarantineReason, Reading } from "./Event.ts"
import { numberOf, numberOrNull, payloadOf, textOf } from "./Payload.ts"
import type { Payload } from "./Payload.ts"
import { arrivalOf } from "./StreamEntry.ts"
import type { StreamEntry } from "./StreamEntry.ts"
import { isNameTooLong, isPlainText, nameAfter } from "./Worker.ts"

/** Canonical form of an address of the configured network, or the reason for refusing it. */
export type ReadAddress = (text: string) => { readonly address: string } | "bad_address" | "wrong_network"

const second = 1_000_000
/** How far a share may be dated ahead of its arrival, in microseconds. */
const maxAhead = 300 * second
/** Retention of the 5-minute roll-up, which limits how far a share may be dated back; in microseconds. */
export const maxBack = 8 * 86_400 * second

const maxDifficulty = 1e18

const isDifficulty = (value: number): boolean => value > 0 && value <= maxDifficulty

/** Time of an event in microseconds, from its `ts` in seconds; the time of arrival if `ts` is missing. */
const timeOf = (value: unknown, arrivedAt: number): number | QuarantineReason => {
  const seconds = numberOrNull(value)
  if (seconds === null) return arrivedAt
  const at = Math.round(seconds * second)
  if (!Number.isSafeInteger(at) || at < 0) return "bad_time"
  return at > arrivedAt + maxAhead ? "in_future" : at
}

interface Miner {
  readonly address: string
  readonly worker: string
}

/** Address and worker of an event. A share must name its worker with the address; other events may leave it out. */
const minerOf = (payload: Payload, readAddress: ReadAddress, needsFullName: boolean): Miner | QuarantineReason => {
  const user = payload["user"]
  const full = payload["worker"]
  if (typeof user !== "string" || !isPlainText(user)) return "bad_address"
  if (full !== undefined && full !== null && typeof full !== "string") return "bad_name"
  const name = full || user
  if (!isPlainText(name)) return "bad_text"
  const worker = nameAfter(user, name) ?? (needsFullName ? undefined : name)
  if (worker === undefined) return "misattributed"
  if (isNameTooLong(worker)) return "bad_name"
  const address = readAddress(user)
  return typeof address === "string" ? address : { address: address.address, worker }
}

interface Context {
  readonly payload: Payload
  readonly at: number
  readonly arrivedAt: number
  readonly readAddress: ReadAddress
}

const isRejected = (accepted: unknown): boolean => accepted === false || accepted === "false" || accepted === "0"

const readShare = ({ arrivedAt, at, payload, readAddress }: Context): Reading => {
  if (isRejected(payload["accepted"])) return { _tag: "Ignored" }
  const miner = minerOf(payload, readAddress, true)
  if (typeof miner === "string") return refused(miner)
  const difficulty = numberOf(payload["diff"])
  const reached = numberOf(payload["sdiff"])
  if (!isDifficulty(difficulty) || !isDifficulty(reached)) return refused("bad_difficulty")
  if (at < arrivedAt - maxBack) return refused("too_old")
  return { _tag: "Share", ...miner, at, arrivedAt, difficulty, reached }
}

const readConnection =
  (tag: "Connected" | "Disconnected") =>
  ({ at, payload, readAddress }: Context): Reading => {
    const miner = minerOf(payload, readAddress, false)
    return typeof miner === "string" ? refused(miner) : { _tag: tag, ...miner, at }
  }

/** Fields that both kinds of block have. `network` is the member with the difficulty of the network. */
const blockOf = (payload: Payload, network: "diff" | "network_diff") => {
  const height = numberOf(payload["height"])
  if (!Number.isInteger(height) || height < 1 || height > 2 ** 31 - 1) return "bad_height"
  const hash = textOf(payload["hash"])
  if (hash === undefined) return "bad_text"
  const difficulty = numberOrNull(payload[network])
  return { height, hash, difficulty: difficulty !== null && isDifficulty(difficulty) ? difficulty : null }
}

/** User of a block whose miner the engine does not name. */
const unnamedUser = "pool"

const readFoundBlock = ({ at, payload, readAddress }: Context): Reading => {
  const block = blockOf(payload, "network_diff")
  if (typeof block === "string") return refused(block)
  const user = textOf(payload["user"])
  if (user === null || user === unnamedUser) {
    return { _tag: "FoundBlock", at, ...block, address: null, worker: null }
  }
  const miner = minerOf(payload, readAddress, false)
  if (typeof miner === "string") return refused(miner)
  return { _tag: "FoundBlock", at, ...block, ...miner }
}

const readNetworkBlock = ({ at, payload }: Context): Reading => {
  const block = blockOf(payload, "diff")
  if (typeof block === "string") return refused(block)
  const prevHash = textOf(payload["prev_hash"])
  return prevHash === undefined ? refused("bad_text") : { _tag: "NetworkBlock", at, ...block, prevHash }
}

const ignore = (): Reading => ({ _tag: "Ignored" })

const readers: ReadonlyMap<string, (context: Context) => Reading> = new Map([
  ["share_submitted", readShare],
  ["miner_connected", readConnection("Connected")],
  ["miner_disconnected", readConnection("Disconnected")],
  ["block_found", readFoundBlock],
  ["new_block_network", readNetworkBlock],
  ["share_best_diff", ignore],
  ["asicboost_detected", ignore],
  ["hashrate_update", ignore],
  ["diff_updated", ignore]
])

/** Event type of an entry: its field `event`, or the end of its stream's name. */
export const typeOf = ({ fields, stream }: StreamEntry): string =>
  fields.find(([name]) => name === "event")?.[1] ?? stream.slice(stream.indexOf(":") + 1)

/** Whether the projection knows an event type. */
export const isKnownType = (type: string): boolean => readers.has(type)

/**
 * Reads an entry of a stream in either shape. `latest` bounds its arrival, because a producer may choose the ids of its
 * entries.
 */
export const readEvent = (entry: StreamEntry, readAddress: ReadAddress, latest = Number.POSITIVE_INFINITY): Reading => {
  const read = readers.get(typeOf(entry))
  if (read === undefined) return { _tag: "Unknown" }
  const payload = payloadOf(entry)
  if (typeof payload === "string") return refused(payload)
  const arrivedAt = Math.min(arrivalOf(entry.id), latest)
  const ts = entry.fields.find(([name]) => name === "ts")?.[1]
  const at = timeOf(ts ?? payload["ts"], arrivedAt)
  return typeof at === "string" ? refused(at) : read({ payload, at, arrivedAt, readAddress })
}

/** Row of the table `shares`. */
export interface ArchivedShare {
  /** Time in microseconds. */
  readonly at: number
  readonly user: string
  /** Full stratum name. */
  readonly worker: string
  readonly difficulty: number
  readonly reached: number
}

/** Reads a row of `shares` by the rules of events. It has no time of arrival, so its own time is used. */
export const readArchived = (row: ArchivedShare, readAddress: ReadAddress): Reading => {
  const payload = { user: row.user, worker: row.worker, diff: row.difficulty, sdiff: row.reached }
  return readShare({ payload, at: row.at, arrivedAt: row.at, readAddress })
}
