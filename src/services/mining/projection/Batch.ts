import type { Connection, FoundBlock, NetworkBlock, QuarantineReason, Share } from "../../../domain/mining/Event.ts"
import { isKnownType, readEvent, typeOf } from "../../../domain/mining/ReadEvent.ts"
import type { ReadAddress } from "../../../domain/mining/ReadEvent.ts"
import { compareIds } from "../../../domain/mining/StreamEntry.ts"
import type { StreamEntry } from "../../../domain/mining/StreamEntry.ts"

export interface Quarantined {
  readonly stream: string
  readonly entry: string
  readonly reason: QuarantineReason
  readonly content: string
}

/** Number to add to a counter. */
export interface Count {
  readonly name: string
  readonly label: string
  readonly value: number
}

/** Entries, read and sorted by the tables that they change. */
export interface Batch {
  readonly shares: ReadonlyArray<Share>
  readonly connections: ReadonlyArray<Connection>
  readonly found: ReadonlyArray<FoundBlock>
  readonly network: ReadonlyArray<NetworkBlock>
  readonly quarantined: ReadonlyArray<Quarantined>
  readonly counts: ReadonlyArray<Count>
  /** Newest entry of each stream. */
  readonly newest: ReadonlyMap<string, string>
}

/** Maximum number of characters to store of a quarantined event. */
const maxContent = 1024

const quarantine = (entry: StreamEntry, reason: QuarantineReason): Quarantined => ({
  stream: entry.stream,
  entry: entry.id,
  reason,
  // JSON escapes the characters that a text column cannot store.
  content: JSON.stringify(Object.fromEntries(entry.fields)).slice(0, maxContent)
})

const countBy = (name: string, labels: ReadonlyArray<string>): ReadonlyArray<Count> =>
  [...Map.groupBy(labels, (label) => label)].map(([label, all]) => ({ name, label, value: all.length }))

const newestOf = (entries: ReadonlyArray<StreamEntry>): ReadonlyMap<string, string> => {
  const newest = new Map<string, string>()
  for (const { id, stream } of entries) {
    const known = newest.get(stream)
    if (known === undefined || compareIds(id, known) > 0) newest.set(stream, id)
  }
  return newest
}

const countsOf = (
  entries: ReadonlyArray<StreamEntry>,
  unknown: number,
  quarantined: ReadonlyArray<Quarantined>
): ReadonlyArray<Count> => [
  ...countBy("events", entries.map(typeOf).filter(isKnownType)),
  ...countBy(
    "quarantined",
    quarantined.map(({ reason }) => reason)
  ),
  ...(unknown === 0 ? [] : [{ name: "skipped", label: "unknown_type", value: unknown }])
]

/** Reads entries. `latest` is the latest plausible time of arrival, in microseconds. */
export const readBatch = (entries: ReadonlyArray<StreamEntry>, readAddress: ReadAddress, latest: number): Batch => {
  const shares: Array<Share> = []
  const connections: Array<Connection> = []
  const found: Array<FoundBlock> = []
  const network: Array<NetworkBlock> = []
  const quarantined: Array<Quarantined> = []
  let unknown = 0
  for (const entry of entries) {
    const event = readEvent(entry, readAddress, latest)
    if (event._tag === "Share") shares.push(event)
    else if (event._tag === "Connected" || event._tag === "Disconnected") connections.push(event)
    else if (event._tag === "FoundBlock") found.push(event)
    else if (event._tag === "NetworkBlock") network.push(event)
    else if (event._tag === "Refused") quarantined.push(quarantine(entry, event.reason))
    else if (event._tag === "Unknown") unknown += 1
  }
  const counts = countsOf(entries, unknown, quarantined)
  return { shares, connections, found, network, quarantined, counts, newest: newestOf(entries) }
}

/** Batch of an entry that the database refuses. */
export const refuseEntry = (entry: StreamEntry): Batch => {
  const quarantined = [quarantine(entry, "refused_by_database")]
  return {
    shares: [],
    connections: [],
    found: [],
    network: [],
    quarantined,
    counts: countsOf([entry], 0, quarantined),
    newest: newestOf([entry])
  }
}
