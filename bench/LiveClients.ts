import { Effect } from "effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { connect } from "node:net"
import type { Socket } from "node:net"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"

/** Streams of one client address; the service allows 20. */
const perAddress = 20

export interface LiveClientOptions {
  readonly url: string
  readonly topics: string
  /** Called with each piece of the streams. */
  readonly onData: (piece: Buffer) => void
}

let opened = 0

/** Opens streams over raw sockets, from as many loopback addresses as needed. Returns after the first bytes of all. */
export const openClients = async (count: number, options: LiveClientOptions): Promise<ReadonlyArray<Socket>> => {
  const { onData, topics, url } = options
  const { hostname, port } = new URL(url)
  const request = `GET /api/v1/live?topics=${topics} HTTP/1.1\r\nHost: ${hostname}\r\nAccept: text/event-stream\r\n\r\n`
  const attempt = () =>
    new Promise<Socket | undefined>((resolve, reject) => {
      const place = Math.floor(opened / perAddress)
      opened += 1
      const localAddress = `127.1.${Math.floor(place / 250)}.${1 + (place % 250)}`
      const socket = connect({ host: hostname, port: Number(port), localAddress })
      socket.on("error", reject)
      socket.once("data", (head) => {
        const text = head.toString("latin1")
        if (text.startsWith("HTTP/1.1 503")) {
          socket.destroy()
          return resolve(undefined)
        }
        if (!text.startsWith("HTTP/1.1 200")) return reject(new Error(text))
        socket.removeListener("error", reject).on("error", () => {})
        socket.on("data", (piece) => onData(Buffer.from(piece)))
        resolve(socket)
      })
      socket.write(request)
    })
  /** Retries while the service is overloaded. */
  const open = async (): Promise<Socket> => {
    for (;;) {
      const socket = await attempt()
      if (socket !== undefined) return socket
      await setTimeout(1000)
    }
  }
  const clients: Array<Socket> = []
  while (clients.length < count) {
    const rest = Math.min(100, count - clients.length)
    clients.push(...(await Promise.all(Array.from({ length: rest }, open))))
  }
  return clients
}

export const closeClients = (sockets: ReadonlyArray<Socket>): void => {
  for (const socket of sockets) socket.destroy()
}

/** Starts clients that read nothing, in a process that ends them with the scope. */
export const stalledClients = (url: string, topics: string, count: number) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const script = join(import.meta.dirname, "peers/stalled.py")
      const args = [script, new URL(url).port, `/api/v1/live?topics=${topics}`, String(count)]
      const child = spawn("python3", args, { stdio: ["pipe", "pipe", "inherit"] })
      await once(child.stdout, "data")
      return child
    }),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )

/** Cumulative counts of a histogram by upper bound in seconds, at the end of the list `Infinity`. */
export type Buckets = ReadonlyArray<readonly [bound: number, count: number]>

/** Reads a histogram without labels from the text format of Prometheus. */
export const bucketsIn = (text: string, name: string): Buckets =>
  [...text.matchAll(new RegExp(`^${name}_bucket\\{le="([^"]+)"\\} (\\d+)`, "gmu"))].map(([, bound = "", count]) => [
    bound === "+Inf" ? Number.POSITIVE_INFINITY : Number(bound),
    Number(count)
  ])

/** Upper bound of a quantile of what was counted between two readings, in milliseconds. */
export const quantileMs = (before: Buckets, after: Buckets, quantile: number): number => {
  const counts = after.map(([bound, count], index) => [bound, count - (before[index]?.[1] ?? 0)] as const)
  const total = counts.at(-1)?.[1] ?? 0
  return (counts.find(([, count]) => count >= total * quantile)?.[0] ?? Number.NaN) * 1000
}

/** Value of a sample in the text format of Prometheus; 0 without one. */
export const sample = (text: string, name: string): number =>
  Number(
    text
      .split("\n")
      .find((line) => line.startsWith(`${name} `))
      ?.slice(name.length) ?? 0
  )
