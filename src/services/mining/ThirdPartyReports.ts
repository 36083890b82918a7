import { Context, DateTime, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { Hashrates } from "../../domain/mining/Rate.ts"
import type { MinerNotFound } from "../../domain/mining/Miner.ts"
import { siText } from "../../domain/mining/ThirdParty.ts"
import type { CkpoolUser, PublicPoolClient } from "../../domain/mining/ThirdParty.ts"
import { reads } from "../Reads.ts"
import { Miners } from "./Miners.ts"
import { MinerWorkers } from "./MinerWorkers.ts"
import { rowsOf } from "./Rows.ts"

const week = 604_800_000

const millisOf = (time: string): number => DateTime.toEpochMillis(DateTime.makeUnsafe(time))
const secondsOf = (time: string | null): number => (time === null ? 0 : Math.floor(millisOf(time) / 1000))
/** ISO 8601 with milliseconds, as `Date` prints it. */
const isoOf = (time: string | null): string => DateTime.formatIso(DateTime.makeUnsafe(time ?? 0))

const siRates = (hashrate: Hashrates) => ({
  hashrate1m: siText(hashrate["1m"].value),
  hashrate5m: siText(hashrate["5m"].value),
  hashrate1hr: siText(hashrate["1h"].value),
  hashrate1d: siText(hashrate["24h"].value),
  hashrate7d: siText(hashrate["7d"].value)
})

const bestOf = (best: { readonly difficulty: number } | null) => ({
  bestshare: best?.difficulty ?? 0,
  bestever: Math.floor(best?.difficulty ?? 0)
})

const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { long } = yield* reads
  const miners = yield* Miners
  const workers = yield* MinerWorkers
  const workRows = rowsOf(Schema.Struct({ worker: Schema.Int, work: Schema.Finite }))

  const ckpool = Effect.fn("ThirdPartyReports.ckpool")(function* (address: string, now: number) {
    const [miner, all] = yield* Effect.all([miners.find(address, now), workers.all(address, now)])
    const rows = yield* workRows(
      long(sql`
        SELECT worker_id AS worker, sum(shares * difficulty) AS work FROM tbg_api.mining_work_1d
        WHERE worker_id = ANY (${all.map(({ id }) => id)}::integer[]) GROUP BY 1`)
    )
    const workOf = new Map(rows.map(({ work, worker }) => [worker, work]))
    const isRecent = (time: string | null) => time !== null && millisOf(time) > now - week
    return {
      ...siRates(miner.hashrate),
      lastshare: secondsOf(miner.last_share_at),
      workers: miner.workers.online,
      shares: Math.round(rows.reduce((sum, { work }) => sum + work, 0)),
      ...bestOf(miner.best.all_time),
      authorised: secondsOf(miner.first_seen),
      worker: all
        .filter(({ last_share_at }) => isRecent(last_share_at))
        .map(({ best, hashrate, id, last_share_at, name }) => ({
          workername: `${address}.${name}`,
          ...siRates(hashrate),
          lastshare: secondsOf(last_share_at),
          shares: Math.round(workOf.get(id) ?? 0),
          ...bestOf(best)
        }))
    }
  })

  const publicPool = Effect.fn("ThirdPartyReports.publicPool")(function* (address: string, now: number) {
    const [miner, all] = yield* Effect.all([miners.find(address, now), workers.all(address, now)])
    const online = all.filter((worker) => worker.online)
    return {
      bestDifficulty: miner.best.all_time?.difficulty ?? 0,
      workersCount: online.length,
      workers: online.map(({ best, first_seen, hashrate, id, last_share_at, name }) => ({
        sessionId: id.toString(16).padStart(8, "0"),
        name,
        bestDifficulty: (best?.difficulty ?? 0).toFixed(2),
        hashRate: Math.floor(hashrate["5m"].value),
        startTime: isoOf(first_seen),
        lastSeen: isoOf(last_share_at ?? first_seen)
      }))
    }
  })

  return { ckpool, publicPool }
})

/** Statistics of an address in the shapes of other pools, so that their clients work unchanged. */
export class ThirdPartyReports extends Context.Service<
  ThirdPartyReports,
  {
    readonly ckpool: (address: string, now: number) => Effect.Effect<CkpoolUser, MinerNotFound>
    readonly publicPool: (address: string, now: number) => Effect.Effect<PublicPoolClient, MinerNotFound>
  }
>()("tbg-api/services/mining/ThirdPartyReports") {
  static readonly layer = Layer.effect(ThirdPartyReports, make)
}
