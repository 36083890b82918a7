import { Array, Effect, Option, Schema } from "effect"
import { makeDeliveries } from "../../../src/services/mining/simulation/Deliveries.ts"
import type { Fault } from "../../../src/services/mining/simulation/Deliveries.ts"
import { draws } from "../../../src/services/mining/simulation/Draws.ts"
import type { NewEntry, ShareRow } from "../../../src/services/mining/simulation/Event.ts"
import { makeSimulation } from "../../../src/services/mining/simulation/Simulation.ts"
import { countedShares } from "./Reference.ts"
import type { ReferenceShare } from "./Reference.ts"

const minute = 60_000_000
/** A fleet with most of the odd names, also with those that break the JSON of their events. */
const seed = "9"
const faults: ReadonlySet<Fault> = new Set(["duplicates", "late", "reordered", "forged-users"])

const fleet = { seed, miners: 6, network: "signet", hasOddNames: true, hasBothProducers: true } as const
/** Streams reach back 100 minutes, and the table `shares` 7.6 days. */
const streamed = 100 * minute
const archived = 7.6 * 1440 * minute

const decodeJson = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown)))

/** An event that its producer wrote without harm. Times are in microseconds since 1970. */
interface PlainEvent {
  readonly type: string
  readonly at: number
  readonly payload: Readonly<Record<string, unknown>>
}

const eventOf = ({ fields, stream }: NewEntry): ReadonlyArray<PlainEvent> => {
  const payload = fields["data"] === undefined ? Option.some(fields) : decodeJson(fields["data"])
  const at = Math.round(Number(fields["ts"]) * 1e6)
  return Option.toArray(Option.map(payload, (payload) => ({ type: stream.slice("mining:".length), at, payload })))
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "")

/** Name of a worker by its stratum name; none if the work belongs to another address. */
const namesIn = (user: string, stratum: string): ReadonlyArray<string> => {
  if (stratum === user) return ["default"]
  const isOwn = [`${user}.`, `${user}_`].some((start) => stratum.startsWith(start))
  return isOwn ? [stratum.slice(user.length + 1) || "default"] : []
}

const minersOf = (payload: PlainEvent["payload"]) => {
  const [address, stratum] = [textOf(payload["user"]), textOf(payload["worker"])]
  return namesIn(address, stratum).map((worker) => ({ address, worker }))
}

const sharesOf = ({ at, payload }: PlainEvent): ReadonlyArray<ReferenceShare> =>
  minersOf(payload).map((miner) => ({
    ...miner,
    at,
    // All entries are appended within a few seconds.
    arrival: 0,
    difficulty: Number(payload["diff"]),
    reached: Number(payload["sdiff"])
  }))

const shareOfRow = ({ address, at, difficulty, reached, worker }: ShareRow): ReadonlyArray<ReferenceShare> =>
  namesIn(address, worker).map((name) => ({ address, worker: name, at, arrival: undefined, difficulty, reached }))

/** Short names, which all events but shares may carry. */
const connectionOf = ({ at, payload }: PlainEvent) => {
  const [address, name] = [textOf(payload["user"]), textOf(payload["worker"])]
  return { address, worker: namesIn(address, name)[0] ?? name, at }
}

const networkOf = ({ at, payload }: PlainEvent) => ({
  at,
  height: Number(payload["height"]),
  hash: textOf(payload["hash"]),
  difficulty: Number(payload["diff"])
})

/** The block as one that was found a minute before, 150 blocks deeper. */
const oldBlockOf = (entry: NewEntry): NewEntry => {
  const older = (text: string) => String(Number(text) - 150)
  return {
    ...entry,
    fields: Object.fromEntries(
      Object.entries(entry.fields).map(([name, text]) => {
        if (name === "ts") return [name, (Number(text) - 60).toFixed(6)]
        return [name, name === "height" ? older(text) : text.replace(/(?<="height":)\d+/, older)]
      })
    )
  }
}

/**
 * A seeded fleet until `now`: what the producers write, with their faults, and what is true of it. `now` is in
 * milliseconds since 1970.
 */
export const simulatedPool = Effect.fnUntraced(function* (now: number) {
  const end = now * 1000
  const past = yield* makeSimulation({ ...fleet, start: end - archived, rate: 0.012 })
  const recent = yield* makeSimulation({
    ...fleet,
    start: end - streamed,
    rate: 0.4,
    blockSeconds: 1200,
    eventSeed: `${seed}/recent`
  })
  const { addresses } = past.fleet
  const deliver = Effect.fnUntraced(function* (name: string, events: Parameters<ReturnType<typeof makeDeliveries>>[0]) {
    return makeDeliveries(yield* draws(`${seed}/${name}`), faults, addresses)(events, Number.POSITIVE_INFINITY)
  })
  const history = yield* deliver("past", past.eventsUntil(end - streamed))
  const { entries: delivered, rows } = yield* deliver("recent", recent.eventsUntil(end))
  const found = delivered.filter(({ stream }) => stream === "mining:block_found")
  // Blocks are reported twice.
  const entries = [...found.slice(0, 1).map(oldBlockOf), ...delivered, ...found]
  const allRows = [...history.rows, ...rows]

  const ofType = (...types: ReadonlyArray<string>) =>
    entries.flatMap(eventOf).filter(({ type }) => types.includes(type))
  const streamShares = ofType("share_submitted").flatMap(sharesOf)
  const network = ofType("new_block_network").map(networkOf)
  const blocks = ofType("block_found").flatMap(({ at, payload }) =>
    minersOf(payload).map((miner) => ({ ...miner, at, height: Number(payload["height"]) }))
  )
  const isReadable = (entry: NewEntry) =>
    eventOf(entry).some((event) => event.type !== "share_submitted" || sharesOf(event).length > 0)
  return {
    entries,
    rows: allRows,
    /** Simulated workers, with their true hashrates. */
    workers: recent.fleet.workers,
    hashrateOf: recent.hashrateOf,
    truth: {
      shares: countedShares([...streamShares, ...allRows.flatMap(shareOfRow)]),
      archive: allRows.flatMap((row) => shareOfRow(row).map((share) => ({ ...share, stratum: row.worker }))),
      connects: ofType("miner_connected").map(connectionOf),
      network,
      blocks: Array.dedupeWith(blocks, (a, b) => a.height === b.height && a.worker === b.worker),
      /** Copies in the streams alone. */
      copies: streamShares.length - countedShares(streamShares).length,
      /** Entries whose text is broken, or whose work belongs to another address. */
      refused: entries.filter((entry) => !isReadable(entry)).length
    }
  }
})

export type Truth = Effect.Success<ReturnType<typeof simulatedPool>>["truth"]
