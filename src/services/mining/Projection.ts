import { Clock, Context, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import type { BitcoinNetwork } from "../../domain/Bitcoin.ts"
import { sqlStateOf } from "../../domain/SqlState.ts"
import type { Share } from "../../domain/mining/Event.ts"
import { readArchived } from "../../domain/mining/ReadEvent.ts"
import type { ArchivedShare } from "../../domain/mining/ReadEvent.ts"
import type { StreamEntry } from "../../domain/mining/StreamEntry.ts"
import { WeekChanges } from "../weeks/WeekChanges.ts"
import { Leadership } from "./Leadership.ts"
import type { LeadershipLost, Lease } from "./Leadership.ts"
import { beginBatches, measureBatch } from "./ProjectionMetrics.ts"
import { makeReadAddress } from "./projection/Addresses.ts"
import { readBatch, refuseEntry } from "./projection/Batch.ts"
import type { Batch } from "./projection/Batch.ts"
import { keyOf, makeMiners } from "./projection/Miners.ts"
import type { Miner } from "./projection/Miners.ts"
import { makeOutbox } from "./projection/Outbox.ts"
import { makeRecords } from "./projection/Records.ts"
import { makeRemovals } from "./projection/Removals.ts"
import { makeRollUps } from "./projection/RollUps.ts"
import { makeSightings } from "./projection/Sightings.ts"
import { makeSlots } from "./projection/Slots.ts"
import type { GapOpen } from "./projection/Slots.ts"

/** How far an entry's id may be ahead of this process's clock, in microseconds. */
const maxClockSkew = 60_000_000

/** Rows of the table `shares` in a gap or next to it. */
export interface RefillChunk {
  readonly rows: ReadonlyArray<ArchivedShare>
  /** Earliest time of shares to store for the comparison with later arrivals, in microseconds. */
  readonly keepSince: number
  /** Whether the rows are older than the projection, so that they are not news for the outbox. */
  readonly isHistory: boolean
  /** Records the progress, in the same transaction. */
  readonly record: (counted: number) => Effect.Effect<unknown, SqlError>
}

type Miners = ReadonlyMap<string, Miner>

const nameOf = ({ address, worker }: { readonly address: string | null; readonly worker: string | null }) =>
  address === null || worker === null ? [] : [{ address, worker }]

/** Changes by a batch. */
export interface Applied {
  readonly counted: number
  readonly copies: number
  readonly quarantined: number
}

/** Whether the database refuses the data of a batch: SQLSTATE classes 22 (data exception) and 23 (constraint). */
const isRefused = ({ reason }: SqlError): boolean => /^(?:22|23)/.test(sqlStateOf(reason.cause))

/** Folds stream entries into the tables of the projection; each batch is one transaction of the leader. */
export class Projection extends Context.Service<
  Projection,
  {
    /**
     * Applies entries that follow the positions of their streams. `isLast` is whether no further entry was waiting. An
     * entry that the database refuses is quarantined.
     */
    readonly apply: (
      lease: Lease,
      entries: ReadonlyArray<StreamEntry>,
      isLast: boolean
    ) => Effect.Effect<Applied, SqlError | LeadershipLost | GapOpen>
    /** Counts rows of the table `shares` that are not counted yet, and returns their number. */
    readonly refill: (lease: Lease, chunk: RefillChunk) => Effect.Effect<number, SqlError | LeadershipLost>
  }
>()("tbg-api/services/mining/Projection") {
  static readonly layer = ({ network }: { readonly network: BitcoinNetwork }) =>
    Layer.effect(
      Projection,
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const leadership = yield* Leadership
        const { publish, record } = yield* WeekChanges
        yield* beginBatches
        const readAddress = makeReadAddress(network)
        const prepareSlots = yield* makeSlots
        const findMiners = yield* makeMiners
        const keepShares = yield* makeSightings
        const addShares = yield* makeRollUps
        const removeShares = yield* makeRemovals
        const records = yield* makeRecords
        const writeOutbox = yield* makeOutbox

        const commit: typeof leadership.commit = (lease, write) =>
          Effect.ensuring(leadership.commit(lease, write), publish)

        const recordRest = Effect.fnUntraced(function* (
          batch: Batch,
          miners: Effect.Success<ReturnType<typeof findMiners>>
        ) {
          const found = batch.found.length === 0 ? [] : yield* records.found(batch.found, miners)
          const network = batch.network.length === 0 ? [] : yield* records.network(batch.network)
          if (batch.connections.length > 0) yield* records.connections(batch.connections, miners)
          if (batch.quarantined.length > 0) yield* records.quarantine(batch.quarantined)
          return { found, network, connections: batch.connections }
        })

        /** Counts shares; those before `keepSince` are not stored in `mining_shares`. */
        const countShares = Effect.fnUntraced(function* (
          shares: ReadonlyArray<Share>,
          miners: Miners,
          slotHour: number,
          refill?: { readonly keepSince: number }
        ) {
          const sightings = shares.flatMap(({ arrivedAt, at, difficulty, reached, ...name }) => {
            const miner = miners.get(keyOf(name))
            if (miner === undefined) return []
            const { addressId, workerId } = miner
            return [{ addressId, workerId, at, arrivedAt, difficulty, reached, isRefilled: refill !== undefined }]
          })
          const counted = yield* keepShares(sightings, slotHour, refill?.keepSince)
          yield* addShares(counted.added)
          yield* removeShares(counted.removed)
          yield* record([...counted.added, ...counted.removed])
          return counted
        })

        const applyBatch = (lease: Lease, batch: Batch, isLast: boolean) =>
          commit(lease, ({ outbox, slotHour }) =>
            Effect.gen(function* () {
              const arrivals = batch.shares.map(({ arrivedAt }) => arrivedAt)
              const newestSlot = yield* prepareSlots(arrivals, slotHour)
              const miners = yield* findMiners([...batch.shares, ...batch.connections, ...batch.found].flatMap(nameOf))
              const { added, copies, fresh, removed } = yield* countShares(batch.shares, miners, newestSlot)
              const rest = yield* recordRest(batch, miners)
              const events = yield* writeOutbox({ miners, added, fresh, ...rest }, outbox)
              yield* records.count([...batch.counts, { name: "duplicates", label: "", value: copies }])
              yield* records.positions(batch.newest)
              yield* records.advance(batch.newest, events, isLast)
              return { counted: added.length - removed.length, copies, quarantined: batch.quarantined.length }
            })
          )

        const refill = Effect.fn("Projection.refill")(function* (lease: Lease, chunk: RefillChunk) {
          const events = chunk.rows.map((row) => readArchived(row, readAddress))
          const shares = events.flatMap((event) => (event._tag === "Share" ? [event] : []))
          return yield* commit(lease, ({ outbox, slotHour }) =>
            Effect.gen(function* () {
              const miners = yield* findMiners(shares.flatMap(nameOf))
              const { added, fresh, removed } = yield* countShares(shares, miners, slotHour, chunk)
              const none = { connections: [], found: [], network: [] }
              const written = chunk.isHistory ? 0 : yield* writeOutbox({ miners, added, fresh, ...none }, outbox)
              const counted = added.length - removed.length
              yield* records.count([
                { name: "refilled", label: "", value: counted },
                { name: "skipped", label: "archived", value: events.length - shares.length }
              ])
              yield* sql`
                UPDATE tbg_api.mining_state SET version = version + 1, outbox = outbox + ${written}::bigint`
              yield* chunk.record(counted)
              return counted
            })
          )
        })

        /** Halves a batch until each entry that the database refuses is alone in one. */
        const applyParts = (
          lease: Lease,
          entries: ReadonlyArray<StreamEntry>,
          isLast: boolean
        ): Effect.Effect<Applied, SqlError | LeadershipLost | GapOpen> => {
          const [entry] = entries
          if (entry === undefined) return Effect.succeed({ counted: 0, copies: 0, quarantined: 0 })
          if (entries.length === 1) return applyBatch(lease, refuseEntry(entry), isLast)
          const half = Math.ceil(entries.length / 2)
          return Effect.zipWith(
            apply(lease, entries.slice(0, half), false),
            apply(lease, entries.slice(half), isLast),
            (a, b) => ({
              counted: a.counted + b.counted,
              copies: a.copies + b.copies,
              quarantined: a.quarantined + b.quarantined
            })
          )
        }

        const apply = Effect.fn("Projection.apply")(function* (
          lease: Lease,
          entries: ReadonlyArray<StreamEntry>,
          isLast: boolean
        ): Effect.fn.Return<Applied, SqlError | LeadershipLost | GapOpen> {
          const latest = (yield* Clock.currentTimeMillis) * 1000 + maxClockSkew
          const batch = readBatch(entries, readAddress, latest)
          return yield* Effect.catchIf(
            measureBatch(entries.length)(applyBatch(lease, batch, isLast)),
            (error) => error._tag === "SqlError" && isRefused(error),
            () => applyParts(lease, entries, isLast)
          )
        })

        return { apply, refill }
      })
    )
}
