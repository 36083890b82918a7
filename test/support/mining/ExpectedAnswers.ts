import { DateTime } from "effect"
import { expectedRate } from "./ExpectedInterval.ts"
import type { ReferenceShare } from "./Reference.ts"
import type { Truth } from "./SimulatedPool.ts"

/*
 * Answers of the mining routes, written from the contract over single shares. `now` is in milliseconds since 1970, times
 * of shares are in microseconds.
 */

export type Shares = ReadonlyArray<ReferenceShare>

const day = 86_400_000
const lengths = { "1m": 60, "5m": 300, "1h": 3600, "24h": 86_400, "7d": 604_800 } as const
type Window = keyof typeof lengths

/** Seconds to whose multiple the start of a window is rounded; 0 if it is exact. */
const roundedTo = {
  miner: { "1m": 0, "5m": 0, "1h": 0, "24h": 300, "7d": 300 },
  pool: { "1m": 1, "5m": 1, "1h": 1, "24h": 60, "7d": 300 }
} as const

export const timeText = (micros: number): string => {
  const text = DateTime.formatIso(DateTime.makeUnsafe(Math.floor(micros / 1000)))
  return text.replace("Z", `${String(micros % 1000).padStart(3, "0")}Z`)
}

/** Shares in a window. Rounded starts are inclusive, exact ones are not. */
const within = (shares: Shares, kind: keyof typeof roundedTo, window: Window, now: number): Shares => {
  const start = now - lengths[window] * 1000
  const unit = roundedTo[kind][window] * 1000
  const from = unit === 0 ? start * 1000 + 1 : Math.round(start / unit) * unit * 1000
  return shares.filter(({ at }) => at >= from && at <= now * 1000)
}

export const hashrates = (shares: Shares, kind: keyof typeof roundedTo, assigned: number, now: number) => {
  const rate = (window: Window) => expectedRate(within(shares, kind, window, now), lengths[window], assigned)
  return { "1m": rate("1m"), "5m": rate("5m"), "1h": rate("1h"), "24h": rate("24h"), "7d": rate("7d") }
}

const byTime = (shares: Shares): Shares => shares.toSorted((a, b) => a.at - b.at)

export const lastOf = (shares: Shares) => byTime(shares).at(-1)

/** Best share since a time in milliseconds; the earlier of equal ones. */
export const bestSince = (shares: Shares, since: number) => {
  const [best] = shares.filter(({ at }) => at >= since * 1000).toSorted((a, b) => b.reached - a.reached || a.at - b.at)
  return best === undefined ? null : { difficulty: best.reached, at: timeText(best.at), worker: best.worker }
}

export const periods = (now: number) => {
  const utc = DateTime.makeUnsafe(now)
  const start = (part: "day" | "week" | "month") =>
    DateTime.toEpochMillis(DateTime.startOf(utc, part, part === "week" ? { weekStartsOn: 1 } : undefined))
  return { day: start("day"), week: start("week"), month: start("month") }
}

export interface ExpectedWorker {
  readonly address: string
  readonly name: string
  readonly shares: Shares
  readonly isOnline: boolean
  readonly difficulty: number
}

const hour = 3_600_000_000

/** Whether a worker sent a share or connected within 5 minutes or 6 of its mean share intervals. */
const isOnline = (shares: Shares, connects: ReadonlyArray<number>, now: number): boolean => {
  const sorted = byTime(shares)
  const [first, last] = [sorted[0]?.at ?? 0, sorted.at(-1)?.at ?? 0]
  // The service counts the shares of a day by the hour.
  const recent = shares.filter(({ at }) => Math.floor(at / hour) * hour > last - 24 * hour).length
  const interval = Math.min(24 * hour, last - first) / Math.max(1, recent - 1)
  return now * 1000 - Math.max(last, ...connects) <= Math.max(300_000_000, 6 * interval)
}

/** Workers of an address, or of all, by name in the order of its bytes. */
export const workersOf = (
  { connects, shares }: Truth,
  now: number,
  address?: string
): ReadonlyArray<ExpectedWorker> => {
  const wanted = shares.filter((share) => address === undefined || share.address === address)
  return [...Map.groupBy(wanted, ({ address, worker }) => `${address} ${worker}`).values()]
    .flatMap((own) => {
      const [one] = own
      if (one === undefined) return []
      const isOwn = (event: { readonly address: string; readonly worker: string }) =>
        event.address === one.address && event.worker === one.worker
      const connected = connects.filter(isOwn).map(({ at }) => at)
      const difficulty = lastOf(own)?.difficulty ?? 0
      return [
        { address: one.address, name: one.worker, shares: own, isOnline: isOnline(own, connected, now), difficulty }
      ]
    })
    .toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
}

/** Largest difficulty that is assigned to a worker that is online, or else to any. */
export const assignedTo = (workers: ReadonlyArray<ExpectedWorker>): number => {
  const online = workers.filter(({ isOnline }) => isOnline)
  return Math.max(...(online.length > 0 ? online : workers).map(({ difficulty }) => difficulty))
}

export const countsOf = (workers: ReadonlyArray<ExpectedWorker>) => ({
  online: workers.filter(({ isOnline }) => isOnline).length,
  total: workers.length
})

/** Kolmogorov–Smirnov test of diff/sdiff on 64 bins, with Stephens' correction. */
export const integrity = (shares: Shares, now: number) => {
  const since = (periods(now).day - 6 * day) * 1000
  const ratios = shares
    .filter(({ at, difficulty, reached }) => at >= since && reached >= difficulty)
    .map(({ difficulty, reached }) => Math.min(63, Math.floor((64 * difficulty) / reached)))
  const n = ratios.length
  const deviations = Array.from({ length: 64 }, (_, bin) =>
    Math.abs(ratios.filter((ratio) => ratio <= bin).length / n - (bin + 1) / 64)
  )
  const x = (Math.sqrt(n) + 0.12 + 0.11 / Math.sqrt(n)) * Math.max(...deviations)
  const terms = Array.from({ length: 100 }, (_, k) => 2 * (-1) ** k * Math.exp(-2 * ((k + 1) * x) ** 2))
  const p = Math.min(
    1,
    Math.max(
      0,
      terms.reduce((sum, term) => sum + term, 0)
    )
  )
  return n < 100 ? { shares: n, p_value: null, status: "unknown" } : { shares: n, p_value: p, status: "ok" }
}

const charts = {
  "1h": [3600, 60],
  "24h": [86_400, 300],
  "7d": [604_800, 3600],
  "30d": [2_592_000, 21_600]
} as const
export const chartWindows = ["1h", "24h", "7d", "30d"] as const

/** Chart whose last step contains `now`. An empty step has the bound of the largest difficulty before it. */
export const chart = (shares: Shares, window: keyof typeof charts, now: number) => {
  const [seconds, step] = charts[window]
  const first = (Math.floor(now / (step * 1000)) + 1 - seconds / step) * step * 1_000_000
  const shown = shares.filter(({ at }) => at >= first && at <= now * 1000)
  const bySteps = Map.groupBy(shown, ({ at }) => Math.floor((at - first) / (step * 1_000_000)))
  let largest: number | null = null
  const points = Array.from({ length: seconds / step }, (_, index) => {
    const inside = bySteps.get(index) ?? []
    largest = inside.length > 0 ? Math.max(...inside.map(({ difficulty }) => difficulty)) : largest
    return { at: timeText(first + index * step * 1_000_000), ...expectedRate(inside, step, largest) }
  })
  return {
    window,
    step_seconds: step,
    points,
    average: expectedRate(shown, seconds, null).value,
    peak: Math.max(...points.map(({ value }) => value))
  }
}
