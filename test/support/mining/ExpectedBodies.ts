import { DateTime } from "effect"
import {
  assignedTo,
  bestSince,
  countsOf,
  hashrates,
  integrity,
  lastOf,
  periods,
  timeText,
  workersOf
} from "./ExpectedAnswers.ts"
import type { ExpectedWorker, Shares } from "./ExpectedAnswers.ts"
import type { Truth } from "./SimulatedPool.ts"

/*
 * Bodies of the mining routes without the age of the data, by the truth and a time in milliseconds since 1970.
 */

const firstOf = (shares: Shares): number => Math.min(...shares.map(({ at }) => at))
const lastAt = (shares: Shares): number => lastOf(shares)?.at ?? 0

const newest = <A extends { readonly at: number }>(events: ReadonlyArray<A>, until = Infinity): A | undefined =>
  events
    .filter(({ at }) => at <= until)
    .toSorted((a, b) => a.at - b.at)
    .at(-1)

export const network = ({ network }: Truth) => {
  const block = newest(network)
  return { network: block && { ...block, at: timeText(block.at) } }
}

/** Blocks, newest first, without their ids. */
export const blocks = ({ blocks, network }: Truth) =>
  blocks
    .toSorted((a, b) => b.at - a.at)
    .map(({ address, at, height, worker }) => ({
      height,
      hash: null,
      status: height + 100 <= (newest(network)?.height ?? 0) ? "confirmed" : "pending",
      found_at: timeText(at),
      difficulty: newest(network, at)?.difficulty ?? null,
      address,
      worker
    }))

export const pool = (truth: Truth, now: number) => {
  const { shares } = truth
  const workers = workersOf(truth, now)
  const { day, week } = periods(now)
  const hashrate = hashrates(shares, "pool", assignedTo(workers), now)
  const addresses = Map.groupBy(shares, ({ address }) => address)
  const block = newest(truth.network)
  return {
    hashrate,
    miners: {
      active: [...addresses.values()].filter((own) => lastAt(own) > (now - 86_400_000) * 1000).length,
      total: addresses.size
    },
    workers: countsOf(workers),
    shares: { "24h": hashrate["24h"].shares, total: shares.length },
    best: { day: bestSince(shares, day), week: bestSince(shares, week), all_time: bestSince(shares, 0) },
    blocks_found: truth.blocks.length,
    network: block && { height: block.height, difficulty: block.difficulty, at: timeText(block.at) },
    expected_block_seconds: ((block?.difficulty ?? 0) * 2 ** 32) / hashrate["24h"].value
  }
}

export const miner = (truth: Truth, address: string, now: number) => {
  const shares = truth.shares.filter((share) => share.address === address)
  const workers = workersOf(truth, now, address)
  const { day, month, week } = periods(now)
  const hashrate = hashrates(shares, "miner", assignedTo(workers), now)
  const perSecond = hashrate["24h"].value / ((newest(truth.network)?.difficulty ?? 0) * 2 ** 32)
  const odds = (seconds: number) => -Math.expm1(-perSecond * seconds)
  return {
    address,
    first_seen: timeText(firstOf(shares)),
    last_share_at: timeText(lastAt(shares)),
    hashrate,
    workers: countsOf(workers),
    shares: { "24h": hashrate["24h"].shares, total: shares.length },
    best: {
      day: bestSince(shares, day),
      week: bestSince(shares, week),
      month: bestSince(shares, month),
      all_time: bestSince(shares, 0)
    },
    odds: { hour: odds(3600), day: odds(86_400), year: odds(31_536_000), expected_seconds: 1 / perSecond },
    integrity: integrity(shares, now)
  }
}

export const worker = ({ difficulty, isOnline, name, shares }: ExpectedWorker, now: number) => {
  const hashrate = hashrates(shares, "miner", difficulty, now)
  return {
    name,
    online: isOnline,
    hashrate,
    difficulty,
    best: bestSince(shares, 0),
    shares_24h: hashrate["24h"].shares,
    first_seen: timeText(firstOf(shares)),
    last_share_at: timeText(lastAt(shares))
  }
}

/** Shares of the table, newest first; the last 2 seconds are not shown. */
export const listedShares = ({ archive }: Truth, address: string, now: number, worker?: string) =>
  archive
    .filter(
      (row) => row.address === address && row.at <= (now - 2000) * 1000 && [row.worker, undefined].includes(worker)
    )
    .toSorted(
      (a, b) =>
        b.at - a.at ||
        Buffer.compare(Buffer.from(b.stratum), Buffer.from(a.stratum)) ||
        b.difficulty - a.difficulty ||
        b.reached - a.reached
    )
    .map(({ at, difficulty, reached, worker }) => ({ at: timeText(at), worker, difficulty, reached }))

/** Three significant digits and an SI suffix, as ckpool prints them. */
const siText = (value: number): string => {
  if (value < 1000) return String(Math.floor(value))
  const power = Math.floor(Math.log10(value) / 3)
  return `${Number((value / 1000 ** power).toPrecision(3))}${"KMGTPE"[power - 1] ?? ""}`
}

const work = (shares: Shares): number => Math.round(shares.reduce((sum, { difficulty }) => sum + difficulty, 0))

const ckpoolFigures = (shares: Shares, now: number) => {
  const rates = hashrates(shares, "miner", 0, now)
  return {
    hashrate1m: siText(rates["1m"].value),
    hashrate5m: siText(rates["5m"].value),
    hashrate1hr: siText(rates["1h"].value),
    hashrate1d: siText(rates["24h"].value),
    hashrate7d: siText(rates["7d"].value),
    lastshare: Math.floor(lastAt(shares) / 1e6),
    shares: work(shares),
    bestshare: bestSince(shares, 0)?.difficulty,
    bestever: Math.floor(bestSince(shares, 0)?.difficulty ?? 0)
  }
}

export const ckpool = (truth: Truth, address: string, now: number) => {
  const shares = truth.shares.filter((share) => share.address === address)
  const workers = workersOf(truth, now, address)
  return {
    ...ckpoolFigures(shares, now),
    workers: countsOf(workers).online,
    authorised: Math.floor(firstOf(shares) / 1e6),
    worker: workers
      .filter(({ shares }) => lastAt(shares) > (now - 604_800_000) * 1000)
      .map(({ name, shares }) => ({ workername: `${address}.${name}`, ...ckpoolFigures(shares, now) }))
  }
}

const millisecondText = (micros: number): string => DateTime.formatIso(DateTime.makeUnsafe(Math.floor(micros / 1000)))

/** The session ids are left out, because they mean nothing. */
export const publicPool = (truth: Truth, address: string, now: number) => {
  const online = workersOf(truth, now, address).filter(({ isOnline }) => isOnline)
  const shares = truth.shares.filter((share) => share.address === address)
  return {
    bestDifficulty: bestSince(shares, 0)?.difficulty,
    workersCount: online.length,
    workers: online.map(({ name, shares }) => ({
      name,
      bestDifficulty: bestSince(shares, 0)?.difficulty.toFixed(2),
      hashRate: Math.floor(hashrates(shares, "miner", 0, now)["5m"].value),
      startTime: millisecondText(firstOf(shares)),
      lastSeen: millisecondText(lastAt(shares))
    }))
  }
}
