import { Effect, Ref, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { BitcoinNetwork } from "../../../domain/Bitcoin.ts"
import { copySpan, decideCounted } from "../../../domain/mining/Copies.ts"
import { startOfStream, streams } from "../../../domain/mining/StreamEntry.ts"
import type { StreamEntry } from "../../../domain/mining/StreamEntry.ts"
import { Leadership } from "../Leadership.ts"
import type { Lease } from "../Leadership.ts"
import { makeReadAddress } from "../projection/Addresses.ts"
import { readBatch } from "../projection/Batch.ts"
import type { Batch } from "../projection/Batch.ts"
import { keyOf, makeMiners } from "../projection/Miners.ts"
import type { Miner, MinerName } from "../projection/Miners.ts"
import { makeFacts } from "../projection/Outbox.ts"
import { makeRecords } from "../projection/Records.ts"
import { makeRollUps, poolSteps } from "../projection/RollUps.ts"
import { keyOf as copyKeyOf, makeSightings } from "../projection/Sightings.ts"
import type { ShareSighting } from "../projection/Sightings.ts"
import { makeSlots } from "../projection/Slots.ts"
import type { Tip } from "./Chain.ts"
import { entryOf, isShare, rowOf } from "./Event.ts"
import type { SimulatedEvent } from "./Event.ts"
import { insertShares } from "./SharesTable.ts"

/** Retention of the pool's buckets of one second (contract section 3), in microseconds. */
const secondsKept = 7200 * 1_000_000
const coarseSteps = poolSteps.filter((step) => step > 1)

/** Events of a span that is over. Times are in microseconds since 1970. */
export interface HistoryPart {
  readonly events: ReadonlyArray<SimulatedEvent>
  readonly until: number
  /** Whether single shares are stored, also in the table `shares`. */
  readonly isDetailed: boolean
}

/** Entry that arrived in the millisecond after the event. */
const arrivedEntry = (event: SimulatedEvent): StreamEntry => {
  const { fields, stream } = entryOf(event)
  return { stream, id: `${Math.ceil(event.at / 1000)}-0`, fields: Object.entries(fields) }
}

const namesIn = ({ connections, found, shares }: Batch): ReadonlyArray<MinerName> =>
  [...shares, ...connections, ...found].flatMap(({ address, worker }) =>
    address === null || worker === null ? [] : [{ address, worker }]
  )

const sharesOf = ({ shares }: Batch, miners: ReadonlyMap<string, Miner>): ReadonlyArray<ShareSighting> =>
  shares.flatMap(({ arrivedAt, at, difficulty, reached, ...name }) => {
    const miner = miners.get(keyOf(name))
    if (miner === undefined) return []
    const { addressId, workerId } = miner
    return [{ addressId, workerId, at, arrivedAt, difficulty, reached, isRefilled: false }]
  })

/** Shares that count, compared with each other and with the counted ones in `before`. */
const countedOf = (
  shares: ReadonlyArray<ShareSighting>,
  before: ReadonlyArray<ShareSighting>
): ReadonlyArray<ShareSighting> => {
  const earlier = Map.groupBy(before, copyKeyOf)
  return [...Map.groupBy(shares, copyKeyOf)].flatMap(([key, group]) =>
    decideCounted(group, earlier.get(key)).flatMap(({ isCounted, sighting }) => (isCounted ? [sighting] : []))
  )
}

const decodeState = Schema.decodeUnknownEffect(
  Schema.Tuple([
    Schema.Struct({
      isEmpty: Schema.Boolean,
      tip: Schema.NullOr(Schema.Struct({ height: Schema.Int, hash: Schema.String }))
    })
  ])
)

/** Whether the projection has no data yet, and the newest network block that it has. */
export const historyState = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql`
    SELECT NOT EXISTS (SELECT FROM tbg_api.mining_addresses) AS "isEmpty", (
      SELECT json_build_object('height', height, 'hash', hash)
      FROM tbg_api.mining_network WHERE hash IS NOT NULL ORDER BY height DESC, at DESC LIMIT 1
    ) AS tip`
  const [{ isEmpty, tip }] = yield* Effect.orDie(decodeState(rows))
  return { isEmpty, tip: tip ?? undefined } satisfies { isEmpty: boolean; tip: Tip | undefined }
})

/**
 * Writes the rows that the projection would have written if it had run at that time, except for the outbox. Copies are
 * recognized in memory, so that a day takes seconds. Parts are written in order, to empty tables.
 */
export const makeHistory = Effect.fnUntraced(function* (network: BitcoinNetwork, now: number) {
  const sql = yield* SqlClient.SqlClient
  const { commit } = yield* Leadership
  const readAddress = makeReadAddress(network)
  const prepareSlots = yield* makeSlots
  const findMiners = yield* makeMiners
  const keepShares = yield* makeSightings
  const addShares = yield* makeRollUps
  const records = yield* makeRecords
  const writeFacts = yield* makeFacts
  const latest = yield* Ref.make<ReadonlyArray<ShareSighting>>([])

  const keep = Effect.fnUntraced(function* (counted: ReadonlyArray<ShareSighting>, slotHour: number) {
    const newest = yield* Effect.orDie(
      prepareSlots(
        counted.map(({ arrivedAt }) => arrivedAt),
        slotHour
      )
    )
    yield* keepShares(counted, newest)
  })

  /** The streams of this process are read from their start. */
  const begin = (lease: Lease) =>
    commit(lease, () => records.positions(new Map(streams.map((stream) => [stream, startOfStream]))))

  const add = Effect.fn("History.add")(function* (lease: Lease, { events, isDetailed, until }: HistoryPart) {
    if (events.length === 0) return 0
    const batch = readBatch(events.map(arrivedEntry), readAddress, Number.POSITIVE_INFINITY)
    const before = yield* Ref.get(latest)
    const counted = yield* commit(lease, ({ slotHour }) =>
      Effect.gen(function* () {
        const miners = yield* findMiners(namesIn(batch))
        const shares = sharesOf(batch, miners)
        const added = countedOf(shares, before)
        if (isDetailed) yield* keep(added, slotHour)
        yield* addShares(added, until > now - secondsKept ? poolSteps : coarseSteps)
        const found = batch.found.length === 0 ? [] : yield* records.found(batch.found, miners)
        const network = batch.network.length === 0 ? [] : yield* records.network(batch.network)
        if (batch.connections.length > 0) yield* records.connections(batch.connections, miners)
        yield* writeFacts({ miners, added, fresh: added, connections: batch.connections, found, network })
        const copies = { name: "duplicates", label: "", value: shares.length - added.length }
        yield* records.count([...batch.counts, copies])
        yield* records.advance(batch.newest, 0, true)
        if (isDetailed) yield* insertShares(events.filter(isShare).flatMap((share) => rowOf(share) ?? []))
        return added
      })
    ).pipe(Effect.provideService(SqlClient.SqlClient, sql))
    yield* Ref.set(
      latest,
      counted.filter(({ at }) => at > until - copySpan)
    )
    return counted.length
  })

  return { begin, add }
})
