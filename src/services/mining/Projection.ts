import { Clock, Context, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import type { BitcoinNetwork } from "../../domain/Bitcoin.ts"
import { sqlStateOf } from "../../domain/SqlState.ts"
import { arrivalOf } from "../../domain/mining/StreamEntry.ts"
import type { StreamEntry } from "../../domain/mining/StreamEntry.ts"
import { Leadership } from "./Leadership.ts"
import type { LeadershipLost, Lease } from "./Leadership.ts"
import { makeReadAddress } from "./projection/Addresses.ts"
import { readBatch, refuseEntry } from "./projection/Batch.ts"
import type { Batch } from "./projection/Batch.ts"
import { keyOf, makeMiners } from "./projection/Miners.ts"
import { makeOutbox } from "./projection/Outbox.ts"
import { makeRecords } from "./projection/Records.ts"
import { makeRemovals } from "./projection/Removals.ts"
import { makeRollUps } from "./projection/RollUps.ts"
import { makeSightings } from "./projection/Sightings.ts"
import { makeSlots } from "./projection/Slots.ts"
import type { GapOpen } from "./projection/Slots.ts"

/** How far an entry's id may be ahead of this process's clock, in microseconds. */
const maxClockSkew = 60_000_000

/** What a batch changed. */
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
  }
>()("tbg-api/services/mining/Projection") {
  static readonly layer = ({ network }: { readonly network: BitcoinNetwork }) =>
    Layer.effect(
      Projection,
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const { commit } = yield* Leadership
        const readAddress = makeReadAddress(network)
        const prepareSlots = yield* makeSlots
        const findMiners = yield* makeMiners
        const keepShares = yield* makeSightings
        const addShares = yield* makeRollUps
        const removeShares = yield* makeRemovals
        const records = yield* makeRecords
        const writeOutbox = yield* makeOutbox

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

        const advance = (batch: Batch, events: number, isLast: boolean) => {
          const newest = [...batch.newest.values()].map(arrivalOf)
          const latest = sql`to_timestamp(${Math.max(...newest)}::double precision / 1e6)`
          return sql`
            UPDATE tbg_api.mining_state SET
              version = version + 1, outbox = outbox + ${events}::bigint, polled_at = clock_timestamp(),
              pending_since = ${isLast ? null : latest}, progressed_at = clock_timestamp(),
              last_event_at = greatest(last_event_at, ${latest})`
        }

        const applyBatch = (lease: Lease, batch: Batch, isLast: boolean) =>
          commit(lease, ({ outbox, slotHour }) =>
            Effect.gen(function* () {
              const arrivals = batch.shares.map(({ arrivedAt }) => arrivedAt)
              const newestSlot = yield* prepareSlots(arrivals, slotHour)
              const blocks = batch.found.flatMap(({ address, worker }) =>
                address === null || worker === null ? [] : [{ address, worker }]
              )
              const names = [...batch.shares, ...batch.connections, ...blocks]
              const miners = yield* findMiners(names.map(({ address, worker }) => ({ address, worker })))
              const seen = batch.shares.flatMap((share) => {
                const miner = miners.get(keyOf(share))
                if (miner === undefined) return []
                const { arrivedAt, at, difficulty, reached } = share
                const { addressId, workerId } = miner
                return [{ addressId, workerId, at, arrivedAt, difficulty, reached, isRefilled: false }]
              })
              const { added, copies, fresh, removed } = yield* keepShares(seen, newestSlot)
              yield* addShares(added)
              yield* removeShares(removed)
              const rest = yield* recordRest(batch, miners)
              const events = yield* writeOutbox({ miners, added, fresh, ...rest }, outbox)
              yield* records.count([...batch.counts, { name: "duplicates", label: "", value: copies }])
              yield* records.positions(batch.newest)
              yield* advance(batch, events, isLast)
              return {
                counted: added.length - removed.length,
                copies,
                quarantined: batch.quarantined.length
              } satisfies Applied
            })
          )

        /** Halves a batch until the entries that the database refuses are alone. */
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
            applyBatch(lease, batch, isLast),
            (error) => error._tag === "SqlError" && isRefused(error),
            () => applyParts(lease, entries, isLast)
          )
        })

        return { apply }
      })
    )
}
