import { default as autocannon } from "autocannon"
import { cpuMicroseconds } from "./PinnedServer.ts"
import type { PinnedServer } from "./PinnedServer.ts"

/** Measurements of one server under load. */
export interface Round {
  readonly perSecond: number
  /** CPU time of the server per request, in microseconds. */
  readonly cpu: number
  /** In milliseconds. */
  readonly p99: number
}

export interface Load {
  readonly path: string
  readonly seconds: number
  /** Concurrent callers with one request at a time, 64 by default. */
  readonly connections?: number
  /** Returns the `X-Forwarded-For` address of the next request. */
  readonly nextAddress?: () => string
  readonly method?: "GET" | "POST"
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Sends requests for a duration or up to an amount; fails unless every status is 2xx. */
const sendLoad = async (
  { url }: PinnedServer,
  load: Omit<Load, "seconds">,
  until: { duration: number } | { amount: number }
) => {
  const { connections = 64, nextAddress, path, ...request } = load
  const result = await autocannon({
    url: url + path,
    connections,
    ...until,
    ...request,
    ...(nextAddress === undefined
      ? {}
      : { requests: [{ setupRequest: (request) => ({ ...request, headers: { "x-forwarded-for": nextAddress() } }) }] })
  })
  const { errors, non2xx, timeouts } = result
  if (errors + non2xx + timeouts > 0) throw new Error(`${url}${path}: ${errors} errors, ${non2xx} not 2xx`)
  return result
}

export const measuredRound = async (server: PinnedServer, { seconds, ...load }: Load): Promise<Round> => {
  const cpuBefore = cpuMicroseconds(server.pid)
  const { latency, requests } = await sendLoad(server, load, { duration: seconds })
  const cpu = (cpuMicroseconds(server.pid) - cpuBefore) / requests.total
  return { perSecond: requests.average, cpu, p99: latency.p99 }
}

/** Sends a number of requests to prepare a measurement. */
export const send = (server: PinnedServer, load: Omit<Load, "seconds">, amount: number): Promise<unknown> =>
  sendLoad(server, load, { amount: Math.max(amount, load.connections ?? 64) })

export interface Spread {
  readonly min: number
  readonly lower: number
  readonly median: number
  readonly upper: number
  readonly max: number
}

export const spreadOf = (values: ReadonlyArray<number>): Spread => {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (index: number) => sorted[index] ?? Number.NaN
  const last = sorted.length - 1
  const quarter = Math.floor(last / 4)
  return { min: at(0), lower: at(quarter), median: at(Math.ceil(last / 2)), upper: at(last - quarter), max: at(last) }
}
