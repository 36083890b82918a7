import { Array } from "effect"
import type { Draws } from "./Draws.ts"
import { entryOf, isShare, rowOf } from "./Event.ts"
import type { ShareEvent, ShareRow, SimulatedEvent, NewEntry } from "./Event.ts"

/** Faults of the producers. Real producers have each of them. */
export const faults = ["duplicates", "late", "reordered", "gaps", "both-shapes", "odd-names", "forged-users"] as const
export type Fault = (typeof faults)[number]

const second = 1_000_000

/** Event on its way to the readers. */
interface Delivery {
  readonly arrival: number
  readonly event: SimulatedEvent
}

/** Arrivals up to a time: entries in the order of the streams, and rows of the collector's next batch. */
export interface Arrivals {
  readonly entries: ReadonlyArray<NewEntry>
  readonly rows: ReadonlyArray<ShareRow>
}

/** Fraction of the shares that a fault affects. */
const parts = { duplicates: 0.05, late: 0.02, forged: 0.005 } as const
/** Mean seconds between losses, and seconds that one lasts. */
const betweenLosses = 60
const lossSeconds = 2
const copyGap = 2 * second

/** Filters copies as the collector does: the same user and reached difficulty within 2 seconds. */
const makeCopyFilter = () => {
  let last = new Map<string, number>()
  return (row: ShareRow): boolean => {
    const key = `${row.address} ${row.reached}`
    const before = last.get(key)
    if (before !== undefined && Math.abs(row.at - before) < copyGap) return false
    last.set(key, row.at)
    if (last.size > 200_000) last = new Map([...last].slice(100_000))
    return true
  }
}

/**
 * Delivers events as the producers do, with faults. `gaps` loses 2 seconds of the streams or of the table, in turn,
 * once a minute: the collector loses batches while Redis or Postgres is unavailable.
 */
export const makeDeliveries = (draws: Draws, active: ReadonlySet<Fault>, addresses: ReadonlyArray<string>) => {
  let pending: ReadonlyArray<Delivery> = []
  let lossAt = Number.NaN
  let losesStreams = true
  const isNew = makeCopyFilter()

  const forge = (event: ShareEvent): ShareEvent => {
    if (!active.has("forged-users") || !Array.isReadonlyArrayNonEmpty(addresses) || !draws.isTrue(parts.forged))
      return event
    const forgedUser = draws.pick(addresses)
    return forgedUser === event.worker.address ? event : { ...event, forgedUser }
  }

  const delayOf = (): number => {
    const late = active.has("late") && draws.isTrue(parts.late) ? draws.between(1, 120) : 0
    return Math.round((late + (active.has("reordered") ? draws.between(0, 0.5) : 0)) * second)
  }

  /** One or two copies, which carry their own times and rarely arrive minutes later. */
  const copiesOf = (event: ShareEvent, arrival: number): ReadonlyArray<Delivery> =>
    Array.makeBy(draws.isTrue(0.2) ? 2 : 1, () => ({
      arrival: arrival + Math.round(draws.isTrue(0.02) ? draws.between(0, 600 * second) : draws.between(0, second)),
      event: { ...event, at: event.at + Math.round(draws.between(-0.9, 0.9) * second) }
    }))

  const deliver = (event: SimulatedEvent): ReadonlyArray<Delivery> => {
    if (!isShare(event)) return [{ arrival: event.at, event }]
    const delivered = forge(event)
    const arrival = event.at + delayOf()
    const isCopied = active.has("duplicates") && draws.isTrue(parts.duplicates)
    return [{ arrival, event: delivered }, ...(isCopied ? copiesOf(delivered, arrival) : [])]
  }

  const isLost = (arrival: number): boolean => {
    if (!active.has("gaps")) return false
    if (Number.isNaN(lossAt)) lossAt = arrival + draws.exponential(betweenLosses) * second
    if (arrival < lossAt) return false
    if (arrival < lossAt + lossSeconds * second) return true
    lossAt = arrival + draws.exponential(betweenLosses) * second
    losesStreams = !losesStreams
    return false
  }

  /** Accepts further events, and returns the arrivals before a time. */
  return (events: ReadonlyArray<SimulatedEvent>, until: number): Arrivals => {
    const all = [...pending, ...events.flatMap(deliver)]
    pending = all.filter(({ arrival }) => arrival >= until)
    const entries: Array<NewEntry> = []
    const rows: Array<ShareRow> = []
    const arrived = all.filter(({ arrival }) => arrival < until)
    for (const { arrival, event } of arrived.toSorted((one, other) => one.arrival - other.arrival)) {
      const lost = isLost(arrival)
      if (!lost || !losesStreams) entries.push(entryOf(event))
      const row = isShare(event) ? rowOf(event) : undefined
      if (row !== undefined && isNew(row) && (!lost || losesStreams)) rows.push(row)
    }
    return { entries, rows }
  }
}
