import { connect } from "node:net"
import type { Socket } from "node:net"

/** Streams of one client address; the service allows 20. */
const perAddress = 20

export interface LiveClient {
  readonly socket: Socket
  /** Whether the service, and not the client, closed the connection. */
  isClosed: boolean
}

export interface LiveClientOptions {
  readonly url: string
  readonly topics: string
  /** Called with each piece of the streams; undefined for clients that read nothing after the first bytes. */
  readonly onData: ((piece: Buffer) => void) | undefined
}

let opened = 0

/** Opens streams over raw sockets, from as many loopback addresses as needed. Returns after the first bytes of all. */
export const openClients = async (count: number, options: LiveClientOptions): Promise<ReadonlyArray<LiveClient>> => {
  const { onData, topics, url } = options
  const { hostname, port } = new URL(url)
  const request = `GET /api/v1/live?topics=${topics} HTTP/1.1\r\nHost: ${hostname}\r\nAccept: text/event-stream\r\n\r\n`
  const open = () =>
    new Promise<LiveClient>((resolve, reject) => {
      const place = Math.floor(opened / perAddress)
      opened += 1
      const localAddress = `127.1.${Math.floor(place / 250)}.${1 + (place % 250)}`
      const socket = connect({ host: hostname, port: Number(port), localAddress })
      const client: LiveClient = { socket, isClosed: false }
      socket.on("error", reject).on("close", () => (client.isClosed = true))
      socket.once("data", (head) => {
        if (!head.toString("latin1").startsWith("HTTP/1.1 200")) return reject(new Error(head.toString("latin1")))
        socket.removeListener("error", reject).on("error", () => {})
        if (onData === undefined) socket.pause()
        else socket.on("data", (piece) => onData(Buffer.from(piece)))
        resolve(client)
      })
      socket.write(request)
    })
  const clients: Array<LiveClient> = []
  while (clients.length < count) {
    const rest = Math.min(100, count - clients.length)
    clients.push(...(await Promise.all(Array.from({ length: rest }, open))))
  }
  return clients
}

export const closeClients = (clients: ReadonlyArray<LiveClient>): void => {
  for (const { socket } of clients) socket.destroy()
}

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
