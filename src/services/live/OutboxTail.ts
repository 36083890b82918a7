import { Array as Arr, Clock, Effect, Semaphore } from "effect"
import { MinerVisibility } from "../mining/MinerVisibility.ts"
import { addressesToCheck, addressesToReplay, dispatch } from "./Delivery.ts"
import type { IdOf, LiveEntry } from "./LiveEntry.ts"
import type { LiveStream } from "./LiveStream.ts"
import { Outbox } from "./Outbox.ts"
import type { OutboxRead } from "./Outbox.ts"
import { Ring } from "./Ring.ts"
import type { RingLimits } from "./Ring.ts"
import type { StreamIndex } from "./StreamIndex.ts"

export interface TailOptions {
  readonly limits: RingLimits
  readonly index: StreamIndex
  readonly idOf: IdOf
  /** Called after events were sent. */
  readonly onEntries: (entries: ReadonlyArray<LiveEntry>) => void
  /** Called after events were lost: rows were removed before they were read, or the database was restored. */
  readonly onLoss: (ring: Ring) => void
}

/** Maximum number of events sent before sockets can write. More would overflow the queue of a stream that keeps up. */
const entriesPerTurn = 100

/** Whether events are missing between the ring and a read. */
const isLoss = (ring: Ring, { entries, last }: OutboxRead): boolean => {
  const next = entries[0]?.n ?? last + 1
  return last < ring.last || next !== ring.last + 1
}

/** The only reader of the outbox in a process. Sends each event once its visibility is known, and keeps it in the ring. */
export const makeOutboxTail = Effect.fnUntraced(function* (options: TailOptions) {
  const { idOf, index, limits, onEntries, onLoss } = options
  const outbox = yield* Outbox
  const { hiddenOf } = yield* MinerVisibility
  const turn = yield* Semaphore.make(1)
  let ring: Ring | undefined

  /** Repeats until no address is missing, because streams that open meanwhile may need more. */
  const checkVisibility = Effect.fnUntraced(function* (entries: ReadonlyArray<LiveEntry>) {
    const isHidden = new Map<string, boolean>()
    for (;;) {
      const missing = [...addressesToCheck(entries, index)].filter((address) => !isHidden.has(address))
      if (missing.length === 0) break
      const hidden = yield* hiddenOf(missing)
      for (const address of missing) isHidden.set(address, hidden.has(address))
    }
    for (const entry of entries) entry.isHidden = entry.address === undefined ? false : isHidden.get(entry.address)
  })

  const start = Effect.map(outbox.startOf(limits.maxBytes), (last) => {
    ring = new Ring(limits, last)
    return ring
  })

  const readNext = Effect.fnUntraced(function* (ring: Ring) {
    const read = yield* outbox.after(ring.last)
    const { entries, hasMore, last } = read
    if (isLoss(ring, read)) {
      ring.restart((entries[0]?.n ?? last + 1) - 1)
      onLoss(ring)
    }
    for (const part of Arr.chunksOf(entries, entriesPerTurn)) {
      yield* checkVisibility(part)
      // Nothing is awaited between the check and the dispatch, so no stream opens in between.
      for (const entry of part) ring.push(entry)
      dispatch(part, index, idOf)
      onEntries(part)
      if (part.length === entriesPerTurn) yield* Effect.yieldNow
    }
    return hasMore
  })

  const poll = Effect.gen(function* () {
    const current = ring ?? (yield* start)
    while (yield* readNext(current)) {}
    current.trim(yield* Clock.currentTimeMillis)
  })

  return {
    /** Events that were read; undefined before the first read. */
    ring: () => ring,
    /** Reads all new events. */
    poll: turn.withPermits(1)(poll),
    /** Reads new events unless the ring has an event already, so that streams that resume together share a read. */
    pollFor: (n: number) => turn.withPermits(1)(Effect.suspend(() => (n > (ring?.last ?? -1) ? poll : Effect.void))),
    /** Checks again which of the events that a stream continues with are hidden. */
    recheck: Effect.fnUntraced(function* (stream: LiveStream, from: Ring) {
      const addresses = addressesToReplay(from, stream)
      if (addresses.size === 0) return
      const hidden = yield* hiddenOf([...addresses])
      for (let n = stream.seen + 1; n <= from.last; n++) {
        const entry = from.at(n)
        if (entry?.address === undefined || !addresses.has(entry.address)) continue
        entry.isHidden = hidden.has(entry.address)
      }
    })
  }
})
export type OutboxTail = Effect.Success<ReturnType<typeof makeOutboxTail>>
