import { once } from "node:events"
import { connect } from "node:net"
import type { Socket } from "node:net"

/** What became of the requests of an open load, a second. */
export interface Outcome {
  /** Answered with 200 in time. */
  readonly good: number
  /** Answered with 200 too late to be of use. */
  readonly late: number
  /** Answered with 503. */
  readonly shed: number
  /** Answered with something else, or not at all. */
  readonly lost: number
  /** Not sent, as no connection was free. */
  readonly unsent: number
  /** Of the answers with 503, in milliseconds: the median. */
  readonly shedMs: number
  /** Of the answers with 200, in milliseconds: median and 99th percentile. */
  readonly p50Ms: number
  readonly p99Ms: number
}

export interface OpenLoadOptions {
  readonly url: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** Requests that arrive each second, whatever becomes of those before. */
  readonly perSecond: number
  readonly seconds: number
  readonly connections: number
  /** An answer after so many milliseconds is of no use. */
  readonly patienceMs: number
}

interface Caller {
  readonly socket: Socket
  askedAt: number
  status: number
  /** Bytes of the response that are still to come. */
  left: number
}

const tickMs = 2

/**
 * Loads a path at a fixed rate over connections that each have one request at a time; the first second is not counted.
 */
export const openLoad = async (options: OpenLoadOptions): Promise<Outcome> => {
  const { connections, headers, path, patienceMs, perSecond, seconds, url } = options
  const { hostname, port } = new URL(url)
  const lines = Object.entries({ host: "localhost", ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  const request = Buffer.from(`GET ${path} HTTP/1.1\r\n${lines.join("")}\r\n`)
  const counts = { good: 0, late: 0, shed: 0, lost: 0, unsent: 0 }
  const shedTimes: Array<number> = []
  const times: Array<number> = []
  const free: Array<Caller> = []
  let isCounting = false

  const count = (outcome: keyof typeof counts): void => {
    if (isCounting) counts[outcome] += 1
  }
  const answered = (caller: Caller): void => {
    const tookMs = performance.now() - caller.askedAt
    if (caller.status === 503) {
      count("shed")
      if (isCounting) shedTimes.push(tookMs)
    } else if (caller.status === 200) {
      if (isCounting) times.push(tookMs)
      count(tookMs <= patienceMs ? "good" : "late")
    } else count("lost")
    caller.status = 0
    free.push(caller)
  }
  const receive = (caller: Caller, bytes: Buffer): void => {
    if (caller.status === 0) {
      const end = bytes.indexOf("\r\n\r\n")
      const head = bytes.toString("latin1", 0, end)
      caller.status = Number(head.slice(9, 12))
      caller.left = end + 4 + Number(/content-length: (\d+)/i.exec(head)?.[1])
    }
    caller.left -= bytes.length
    if (caller.left <= 0) answered(caller)
  }

  const sockets = await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true })
      await once(socket, "connect")
      const caller: Caller = { socket, askedAt: 0, status: 0, left: 0 }
      socket.on("data", (bytes) => receive(caller, Buffer.from(bytes)))
      socket.on("error", () => count("lost"))
      free.push(caller)
      return socket
    })
  )

  const begun = performance.now()
  let arrived = 0
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const elapsed = (performance.now() - begun) / 1000
      isCounting = elapsed >= 1
      if (elapsed >= seconds + 1) {
        isCounting = false
        clearInterval(timer)
        return resolve()
      }
      for (; arrived < elapsed * perSecond; arrived++) {
        const caller = free.pop()
        if (caller === undefined) {
          count("unsent")
          continue
        }
        caller.askedAt = performance.now()
        caller.socket.write(request)
      }
    }, tickMs)
  })
  for (const socket of sockets) socket.destroy()
  const sorted = times.toSorted((a, b) => a - b)
  const quantile = (q: number): number => sorted[Math.floor(sorted.length * q)] ?? 0
  const rate = (outcome: keyof typeof counts): number => Math.round(counts[outcome] / seconds)
  return {
    good: rate("good"),
    late: rate("late"),
    shed: rate("shed"),
    lost: rate("lost"),
    unsent: rate("unsent"),
    shedMs: shedTimes.toSorted((a, b) => a - b)[Math.floor(shedTimes.length / 2)] ?? 0,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99)
  }
}
