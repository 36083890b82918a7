import { once } from "node:events"
import { connect } from "node:net"
import type { Socket } from "node:net"

/** Requests of an open load by outcome, per second. */
export interface Outcome {
  /** Status 200 within the time limit. */
  readonly good: number
  /** Status 200 after the time limit. */
  readonly late: number
  /** Status 503. */
  readonly shed: number
  /** Another status, or no response. */
  readonly lost: number
  /** Not sent, because no connection was free. */
  readonly unsent: number
  /** Median time to a 503, in milliseconds. */
  readonly shedMs: number
}

export interface OpenLoadOptions {
  readonly url: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** Arrival rate, independent of responses. */
  readonly perSecond: number
  readonly seconds: number
  readonly connections: number
  /** Time limit of a useful response, in milliseconds. */
  readonly limitMs: number
}

interface Caller {
  readonly socket: Socket
  sentAt: number
  status: number
  /** Missing bytes of the response. */
  left: number
}

const tickMs = 2

/** Sends requests at a fixed rate, one at a time per connection. The first second is not counted. */
export const openLoad = async (options: OpenLoadOptions): Promise<Outcome> => {
  const { connections, headers, limitMs, path, perSecond, seconds, url } = options
  const { hostname, port } = new URL(url)
  const lines = Object.entries({ host: "localhost", ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  const request = Buffer.from(`GET ${path} HTTP/1.1\r\n${lines.join("")}\r\n`)
  const counts = { good: 0, late: 0, shed: 0, lost: 0, unsent: 0 }
  const shedTimes: Array<number> = []
  const free: Array<Caller> = []
  let isCounting = false

  const count = (outcome: keyof typeof counts): void => {
    if (isCounting) counts[outcome] += 1
  }
  const finish = (caller: Caller): void => {
    const tookMs = performance.now() - caller.sentAt
    if (caller.status === 503) {
      count("shed")
      if (isCounting) shedTimes.push(tookMs)
    } else if (caller.status === 200) count(tookMs <= limitMs ? "good" : "late")
    else count("lost")
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
    if (caller.left <= 0) finish(caller)
  }

  const sockets = await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true })
      await once(socket, "connect")
      const caller: Caller = { socket, sentAt: 0, status: 0, left: 0 }
      socket.on("data", (bytes) => receive(caller, Buffer.from(bytes)))
      socket.on("error", () => count("lost"))
      free.push(caller)
      return socket
    })
  )

  const startedAt = performance.now()
  let arrived = 0
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const elapsed = (performance.now() - startedAt) / 1000
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
        caller.sentAt = performance.now()
        caller.socket.write(request)
      }
    }, tickMs)
  })
  for (const socket of sockets) socket.destroy()
  const rate = (outcome: keyof typeof counts): number => Math.round(counts[outcome] / seconds)
  return {
    good: rate("good"),
    late: rate("late"),
    shed: rate("shed"),
    lost: rate("lost"),
    unsent: rate("unsent"),
    shedMs: shedTimes.toSorted((a, b) => a - b)[Math.floor(shedTimes.length / 2)] ?? 0
  }
}
