import { topicsOf } from "./LiveEntry.ts"
import type { IdOf, LiveEntry } from "./LiveEntry.ts"
import type { LiveStream } from "./LiveStream.ts"
import type { Ring } from "./Ring.ts"
import type { StreamIndex } from "./StreamIndex.ts"
import type { Item } from "./StreamQueue.ts"

/** Number of ring entries examined at once for one stream, so that a long replay does not block the event loop. */
const entriesPerReplay = 10_000

const isAnonymousTopic = (topic: string): boolean => topic === "pool" || topic === "blocks"

/** Whether an event belongs to a miner that the stream's caller may not see. Unchecked miners count as hidden. */
const isPrivateTo = (stream: LiveStream, { address, isHidden }: LiveEntry): boolean =>
  address !== undefined && isHidden !== false && !stream.own.includes(address)

/** Item that a subscribed stream gets for an event; undefined if the stream must not get it. */
const itemFor = (stream: LiveStream, entry: LiveEntry, idOf: IdOf): Item | undefined => {
  const { event, n } = entry
  if (event === undefined) return undefined
  if (isPrivateTo(stream, entry)) {
    if (event.type !== "block" || !stream.topics.some(isAnonymousTopic)) return undefined
    return { n, kind: "required", bytes: entry.anonymousFrame(idOf) }
  }
  const bytes = entry.frame(idOf)
  switch (event.type) {
    case "share":
      return { n, kind: "share", bytes }
    case "worker":
      return { n, kind: "state", key: `${event.address} ${event.worker}`, bytes }
    case "best":
    case "block":
    case "network":
      return { n, kind: "required", bytes }
  }
}

/** Sends new events to the streams of their topics, except to those that still replay the ring. */
export const dispatch = (entries: ReadonlyArray<LiveEntry>, index: StreamIndex, idOf: IdOf): void => {
  for (const entry of entries) {
    for (const topic of topicsOf(entry)) {
      for (const stream of index.of(topic)) {
        if (stream.isReplaying || stream.seen >= entry.n) continue
        stream.seen = entry.n
        const item = itemFor(stream, entry, idOf)
        if (item !== undefined) stream.send(item)
      }
    }
  }
}

/** Returns about `size` bytes of the next events of a stream from the ring, and moves its place behind them. */
export const replayFrom = (ring: Ring, stream: LiveStream, size: number, idOf: IdOf): ReadonlyArray<Item> => {
  const items: Array<Item> = []
  const end = Math.min(ring.last, stream.seen + entriesPerReplay)
  let bytes = 0
  while (stream.seen < end && bytes < size) {
    stream.seen += 1
    const entry = ring.at(stream.seen)
    if (entry === undefined || !topicsOf(entry).some((topic) => stream.topics.includes(topic))) continue
    const item = itemFor(stream, entry, idOf)
    if (item === undefined) continue
    items.push(item)
    bytes += item.bytes.length
  }
  stream.isReplaying = stream.seen < ring.last
  return items
}

/** Addresses whose visibility decides which streams get the events. */
export const addressesToCheck = (entries: ReadonlyArray<LiveEntry>, index: StreamIndex): ReadonlySet<string> => {
  const needed = new Set<string>()
  for (const entry of entries) {
    const { address } = entry
    if (address === undefined || needed.has(address)) continue
    const isNeeded = topicsOf(entry).some((topic) =>
      [...index.of(topic)].some((stream) => !stream.own.includes(address))
    )
    if (isNeeded) needed.add(address)
  }
  return needed
}

/** Addresses whose visibility decides which events a stream gets from the ring. */
export const addressesToReplay = (ring: Ring, stream: LiveStream): ReadonlySet<string> => {
  const needed = new Set<string>()
  for (let n = stream.seen + 1; n <= ring.last; n++) {
    const entry = ring.at(n)
    const address = entry?.address
    if (entry === undefined || address === undefined || needed.has(address) || stream.own.includes(address)) continue
    if (topicsOf(entry).some((topic) => stream.topics.includes(topic))) needed.add(address)
  }
  return needed
}
