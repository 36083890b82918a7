import { default as autocannon } from "autocannon"
import { cpuMicroseconds } from "./PinnedServer.ts"
import type { PinnedServer } from "./PinnedServer.ts"

/** What one server did under load for a while. */
export interface Round {
  readonly perSecond: number
  /** CPU time of the server a request, in microseconds. */
  readonly cpu: number
  /** In milliseconds. */
  readonly p99: number
}

const connections = 64

export interface Load {
  readonly path: string
  readonly seconds: number
  /** The address that the next request says it comes from. */
  readonly nextAddress?: () => string
  readonly method?: "GET" | "POST"
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Loads one path of a server for some seconds; every answer has to be a 2xx. */
export const measuredRound = async (
  { pid, url }: PinnedServer,
  { nextAddress, path, seconds, ...request }: Load
): Promise<Round> => {
  const cpuBefore = cpuMicroseconds(pid)
  const { errors, latency, non2xx, requests, timeouts } = await autocannon({
    url: url + path,
    connections,
    duration: seconds,
    ...request,
    ...(nextAddress === undefined
      ? {}
      : { requests: [{ setupRequest: (request) => ({ ...request, headers: { "x-forwarded-for": nextAddress() } }) }] })
  })
  const cpu = (cpuMicroseconds(pid) - cpuBefore) / requests.total
  if (errors + non2xx + timeouts > 0) throw new Error(`${url}${path}: ${errors} errors, ${non2xx} not 2xx`)
  return { perSecond: requests.average, cpu, p99: latency.p99 }
}

/** The smallest, the middle and the largest of what was seen. */
export interface Spread {
  readonly min: number
  readonly median: number
  readonly max: number
}

export const spreadOf = (values: ReadonlyArray<number>): Spread => {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (index: number) => sorted[index] ?? Number.NaN
  return { min: at(0), median: at(Math.floor(sorted.length / 2)), max: at(sorted.length - 1) }
}
