import { Agent, get } from "node:http"
import type { PinnedServer } from "./PinnedServer.ts"

export interface Readers {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** Each sends a request after the previous one is answered. */
  readonly callers: number
  readonly seconds: number
}

const statusOf = (url: string, agent: Agent, headers: Readers["headers"]): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const request = get(url, { agent, headers }, (response) => {
      response.resume().once("end", () => resolve(response.statusCode))
    })
    request.once("error", reject)
  })

/** Median latency of sequential callers, in milliseconds; fails unless every answer is 200. */
export const medianLatency = async ({ url }: PinnedServer, readers: Readers): Promise<number> => {
  const agent = new Agent({ keepAlive: true, maxSockets: readers.callers })
  const until = performance.now() + readers.seconds * 1000
  const latencies: Array<number> = []
  const caller = async () => {
    while (performance.now() < until) {
      const startedAt = performance.now()
      const status = await statusOf(url + readers.path, agent, readers.headers)
      if (status !== 200) throw new Error(`${readers.path} returned ${status}`)
      latencies.push(performance.now() - startedAt)
    }
  }
  await Promise.all(Array.from({ length: readers.callers }, caller))
  agent.destroy()
  return latencies.toSorted((a, b) => a - b)[Math.floor(latencies.length / 2)] ?? Number.NaN
}
