import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { Statement } from "effect/sql"
import { MinerNotFound } from "../../domain/mining/Miner.ts"
import { Worker, WorkerNotFound } from "../../domain/mining/WorkerSummary.ts"
import { reads } from "../Reads.ts"
import { traced } from "../Traced.ts"
import { isOnline } from "./Online.ts"
import { bestOf, BestRow, rowsOf, textOf } from "./Rows.ts"
import { timeOf } from "./Spans.ts"
import { hashratesOf, workOfWorkers, WorkRows, workRows } from "./WorkSums.ts"

/** Place in the list of an address's workers, which is sorted by name. */
export const WorkerPlace = Schema.Struct({ name: Schema.String })
export type WorkerPlace = typeof WorkerPlace.Type

export interface WorkerPageRequest {
  readonly limit: number
  readonly after: WorkerPlace | undefined
}

/** A worker with figures that only some responses have. */
export interface WorkerFigures extends Worker {
  readonly id: number
  readonly shares: number
}

/** Worker without its internal figures, as the API returns it. */
export const publicWorkerOf = ({ id: _id, shares: _shares, ...worker }: WorkerFigures): Worker => worker

const Row = Schema.Struct({
  id: Schema.Int,
  name: Schema.String,
  online: Schema.Boolean,
  difficulty: Worker.fields.difficulty,
  shares: Schema.BigInt,
  best: BestRow,
  first_seen: Worker.fields.first_seen,
  last_share_at: Worker.fields.last_share_at,
  work: WorkRows
})

const workerOf = ({ id, shares, work, ...row }: typeof Row.Type): WorkerFigures => {
  const hashrate = hashratesOf(work, row.difficulty)
  return { ...row, id, shares: Number(shares), hashrate, shares_24h: hashrate["24h"].shares }
}

const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { long, short } = yield* reads
  const rows = rowsOf(Row)
  const miners = rowsOf(Schema.Struct({ id: Schema.Int }))

  /** @param condition SQL for which of the address's workers `w` to read, with their order and number */
  const select = (address: string, now: number, condition: Statement.Fragment) => sql`
    WITH page AS MATERIALIZED (
      SELECT w.*, ${isOnline(sql, timeOf(now))} AS online FROM tbg_api.mining_workers w
      JOIN tbg_api.mining_addresses a ON a.id = w.address_id
      WHERE a.address = ${address} AND a.shares > 0 AND ${condition}
    ),
    work AS MATERIALIZED (${workOfWorkers(sql, sql`ARRAY(SELECT id FROM page)`, now)})
    SELECT p.id, p.name, p.online, p.difficulty, p.shares, ${bestOf(sql, "p")} AS best,
      ${textOf(sql, "coalesce(p.first_seen, p.connected_at, p.disconnected_at)")} AS first_seen,
      ${textOf(sql, "p.last_share_at")} AS last_share_at,
      ${workRows(sql, sql`(SELECT * FROM work WHERE worker = p.id) of_worker`)} AS work
    FROM page p ORDER BY p.name COLLATE "C"`

  const requireMiner = Effect.fnUntraced(function* (address: string) {
    const [miner] = yield* miners(
      short(sql`SELECT id FROM tbg_api.mining_addresses WHERE address = ${address} AND shares > 0`)
    )
    if (miner === undefined) return yield* new MinerNotFound({ address })
  })

  const list = Effect.fnUntraced(function* (address: string, now: number, { after, limit }: WorkerPageRequest) {
    yield* requireMiner(address)
    const found = yield* rows(
      short(
        select(
          address,
          now,
          sql`w.name COLLATE "C" > ${after?.name ?? ""} ORDER BY w.name COLLATE "C" LIMIT ${limit + 1}`
        )
      )
    )
    return { workers: found.slice(0, limit).map(workerOf), hasMore: found.length > limit }
  })

  const all = Effect.fnUntraced(function* (address: string, now: number) {
    yield* requireMiner(address)
    return (yield* rows(long(select(address, now, sql`true`)))).map(workerOf)
  })

  const find = Effect.fnUntraced(function* (address: string, name: string, now: number) {
    yield* requireMiner(address)
    const [row] = yield* rows(short(select(address, now, sql`w.name = ${name}`)))
    return row === undefined ? yield* new WorkerNotFound({ name }) : workerOf(row)
  })

  return {
    list: traced("MinerWorkers.list", list),
    all: traced("MinerWorkers.all", all),
    find: traced("MinerWorkers.find", find)
  }
})

/** Workers of a miner, from the tables of the projection. */
export class MinerWorkers extends Context.Service<
  MinerWorkers,
  {
    /** One page, by name in the order of its bytes. */
    readonly list: (
      address: string,
      now: number,
      request: WorkerPageRequest
    ) => Effect.Effect<{ readonly workers: ReadonlyArray<WorkerFigures>; readonly hasMore: boolean }, MinerNotFound>
    /** All workers, at most 1,001. */
    readonly all: (address: string, now: number) => Effect.Effect<ReadonlyArray<WorkerFigures>, MinerNotFound>
    readonly find: (
      address: string,
      name: string,
      now: number
    ) => Effect.Effect<WorkerFigures, MinerNotFound | WorkerNotFound>
  }
>()("tbg-api/services/mining/MinerWorkers") {
  static readonly layer = Layer.effect(MinerWorkers, make)
}
