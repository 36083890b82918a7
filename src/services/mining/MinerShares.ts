import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { Statement } from "effect/sql"
import { MinerNotFound } from "../../domain/mining/Miner.ts"
import type { DashboardShare } from "../../domain/mining/DashboardShares.ts"
import type { Share } from "../../domain/mining/Share.ts"
import { WorkerNotFound } from "../../domain/mining/WorkerSummary.ts"
import { Timestamp } from "../../domain/Timestamp.ts"
import { reads } from "../Reads.ts"
import { traced } from "../Traced.ts"
import { rowsOf, textOf } from "./Rows.ts"
import { timeOf } from "./Spans.ts"

/**
 * Place in a list of shares: the last row of a page, by all columns of the order. The table has no key, so `equal`
 * counts the rows with the same values that were already read.
 */
export const SharePlace = Schema.Struct({
  at: Timestamp,
  stratum: Schema.String,
  difficulty: Schema.Finite,
  reached: Schema.Finite,
  equal: Schema.Int
})
export type SharePlace = typeof SharePlace.Type

export interface SharePageRequest {
  readonly limit: number
  readonly after: SharePlace | undefined
  /** Only shares of this worker. */
  readonly worker: string | undefined
}

/**
 * Age from which rows are shown, in milliseconds. The collector writes about once a second, so a younger row may get an
 * older neighbor later, which a page that was already read would miss.
 */
const settledAfter = 2000

const Row = Schema.Struct({
  at: Timestamp,
  stratum: Schema.String,
  worker: Schema.String,
  difficulty: Schema.Finite,
  reached: Schema.Finite,
  is_block: Schema.NullOr(Schema.Boolean)
})
type Row = typeof Row.Type

const isEqual = (a: Row, b: Omit<SharePlace, "equal">): boolean =>
  a.at === b.at && a.stratum === b.stratum && a.difficulty === b.difficulty && a.reached === b.reached

/** Place of the last row of a page. */
const placeOf = (page: ReadonlyArray<Row>, after: SharePlace | undefined): SharePlace | undefined => {
  const last = page.at(-1)
  if (last === undefined) return undefined
  const equal = page.filter((row) => isEqual(row, last)).length
  const before = after !== undefined && isEqual(last, after) ? after.equal : 0
  const { at, difficulty, reached, stratum } = last
  return { at, stratum, difficulty, reached, equal: equal + before }
}

const shareOf = ({ at, difficulty, reached, worker }: Row): Share => ({ at, worker, difficulty, reached })

const dashboardShareOf = ({ at, difficulty, is_block, reached, worker }: Row): DashboardShare => ({
  time: at,
  worker_name: worker,
  difficulty,
  share_diff: reached,
  is_valid: true,
  is_block
})

/** Newer than any share. */
const beginning: SharePlace = { at: "infinity", stratum: "", difficulty: 0, reached: 0, equal: 0 }

const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { short } = yield* reads
  const rows = rowsOf(Row)
  const miners = rowsOf(Schema.Struct({ hasWorker: Schema.Boolean }))

  /** Stratum names that are the worker's: `address.name` and `address_name`; for `default` also without a name. */
  const ofWorker = (column: string, worker: string | undefined) => {
    if (worker === undefined) return sql``
    const names = [`${column}.${worker}`, `${column}_${worker}`]
    const bare = worker === "default" ? ["", column, `${column}.`, `${column}_`] : []
    return sql`AND worker_name = ANY (${[...names, ...bare]}::text[])`
  }

  /** Rows of one spelling of the address, in the order of its index. */
  const select = (address: string, now: number, { after = beginning, limit, worker }: SharePageRequest) => sql`
    (SELECT time, worker_name COLLATE "C" AS stratum, difficulty, share_diff,
      coalesce(nullif(substr(worker_name, ${address.length + 2}), ''), 'default') AS worker
    FROM public.shares
    WHERE btc_address = ${address} AND time <= ${timeOf(now - settledAfter)}::timestamptz
      AND time <= ${after.at}::timestamptz
      AND (time, worker_name COLLATE "C", difficulty, share_diff)
        <= (${after.at}::timestamptz, ${after.stratum}, ${after.difficulty}::float8, ${after.reached}::float8)
      AND is_valid AND difficulty > 0 AND difficulty <= 1e18 AND share_diff > 0 AND share_diff < 'Infinity'
      AND (worker_name IN ('', ${address}) OR left(worker_name, ${address.length + 1}) IN
        (${`${address}.`}, ${`${address}_`})) ${ofWorker(address, worker)}
    ORDER BY time DESC, worker_name COLLATE "C" DESC, difficulty DESC, share_diff DESC
    LIMIT ${after.equal + limit + 1})`

  // Producers never set `is_block` of a share. A block of the network comes about every 10 minutes, so a week has one.
  const isBlock = sql.literal(`(SELECT s.share_diff >= n.difficulty FROM tbg_api.mining_network n
    WHERE n.difficulty IS NOT NULL AND n.at <= s.time AND n.at > s.time - interval '7 days'
    ORDER BY n.at DESC, n.id DESC LIMIT 1)`)

  const page = Effect.fnUntraced(function* (
    addresses: ReadonlyArray<string>,
    now: number,
    request: SharePageRequest,
    isBlock: Statement.Fragment
  ) {
    // Miners may have sent a bech32 address in capitals; base58 has one spelling.
    const spellings = addresses.flatMap((address) =>
      /^(?:bc|tb|bcrt)1/.test(address) ? [address, address.toUpperCase()] : [address]
    )
    if (spellings.length === 0) return { rows: [], next: undefined }
    const { after, limit } = request
    const found = yield* rows(
      short(sql`
        SELECT ${textOf(sql, "time")} AS at, stratum, worker, difficulty, share_diff AS reached, ${isBlock} AS is_block
        FROM (${sql.join(" UNION ALL ", false)(spellings.map((spelling) => select(spelling, now, request)))}) s
        ORDER BY time DESC, stratum DESC, difficulty DESC, share_diff DESC
        LIMIT ${limit + 1} OFFSET ${after?.equal ?? 0}`)
    )
    const page = found.slice(0, limit)
    return { rows: page, next: found.length > limit ? placeOf(page, after) : undefined }
  })

  const list = Effect.fnUntraced(function* (address: string, now: number, request: SharePageRequest) {
    const [miner] = yield* miners(
      short(sql`
        SELECT ${request.worker ?? null}::text IS NULL OR EXISTS (
          SELECT FROM tbg_api.mining_workers w WHERE w.address_id = a.id AND w.name = ${request.worker ?? null}
        ) AS "hasWorker"
        FROM tbg_api.mining_addresses a WHERE address = ${address} AND shares > 0`)
    )
    if (miner === undefined) return yield* new MinerNotFound({ address })
    if (!miner.hasWorker) return yield* new WorkerNotFound({ name: request.worker ?? "" })
    const { next, rows } = yield* page([address], now, request, sql`NULL::boolean`)
    return { shares: rows.map(shareOf), next }
  })

  const ofAddresses = Effect.fnUntraced(function* (
    addresses: ReadonlyArray<string>,
    now: number,
    request: SharePageRequest
  ) {
    const { next, rows } = yield* page(addresses, now, request, isBlock)
    return { shares: rows.map(dashboardShareOf), next }
  })

  return { list: traced("MinerShares.list", list), ofAddresses: traced("MinerShares.ofAddresses", ofAddresses) }
})

interface SharePage<Item> {
  readonly shares: ReadonlyArray<Item>
  readonly next: SharePlace | undefined
}

/** Shares of a miner from the table `shares`, without rows whose worker belongs to another address. */
export class MinerShares extends Context.Service<
  MinerShares,
  {
    /** One page, newest first; `next` is its last place if another page follows. */
    readonly list: (
      address: string,
      now: number,
      request: SharePageRequest
    ) => Effect.Effect<SharePage<Share>, MinerNotFound | WorkerNotFound>
    /** One page of the shares of some addresses, in the same order. */
    readonly ofAddresses: (
      addresses: ReadonlyArray<string>,
      now: number,
      request: SharePageRequest
    ) => Effect.Effect<SharePage<DashboardShare>>
  }
>()("tbg-api/services/mining/MinerShares") {
  static readonly layer = Layer.effect(MinerShares, make)
}
