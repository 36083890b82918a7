import type { Redis } from "ioredis"
import type { Client } from "pg"

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

export const percentile = (samples: ReadonlyArray<number>, part: number): number =>
  samples.toSorted((one, other) => one - other)[Math.floor(samples.length * part)] ?? Number.NaN

/** Waits until a process holds the lease. */
export const untilLeading = async (client: Client): Promise<void> => {
  for (;;) {
    const { rows } = await client.query("SELECT FROM tbg_api.mining_state WHERE expires_at > clock_timestamp()")
    if (rows.length > 0) return
    await sleep(50)
  }
}

const processedEvents = async (client: Client): Promise<number> => {
  const { rows } = await client.query<{ value: string }>(
    "SELECT coalesce(sum(value), 0)::text AS value FROM tbg_api.mining_counters WHERE name = 'events'"
  )
  return Number(rows[0]?.value)
}

/** Waits until the newest share is projected. Returns the rate of events between the first progress and the end. */
export const untilIdle = async (client: Client, redis: Redis): Promise<{ readonly perSecond: number }> => {
  const [[newest] = ["0-0"]] = await redis.xrevrange("mining:share_submitted", "+", "-", "COUNT", 1)
  let first: { readonly at: number; readonly events: number } | undefined
  for (;;) {
    const events = await processedEvents(client)
    const at = performance.now()
    if (first === undefined && events > 0) first = { at, events }
    const { rows } = await client.query<{ entry: string }>(
      "SELECT entry FROM tbg_api.mining_streams WHERE stream = 'mining:share_submitted'"
    )
    if (rows[0]?.entry === newest) {
      const start = first ?? { at, events: 0 }
      return { perSecond: ((events - start.events) / Math.max(1, at - start.at)) * 1000 }
    }
    await sleep(20)
  }
}

/** Bytes of a row with its indexes. */
const bytesPerRow = async (client: Client, table: string): Promise<number> => {
  const { rows } = await client.query<{ bytes: number }>(
    `SELECT pg_total_relation_size('tbg_api.${table}')::float8 / greatest(count(*), 1) AS bytes FROM tbg_api.${table}`
  )
  return rows[0]?.bytes ?? Number.NaN
}

/** Bytes that a worker adds in a day at one assigned difficulty, and what 10,000 of them need. */
export const tableSizes = async (client: Client) => {
  const fiveMinutes = Math.round(288 * (await bytesPerRow(client, "mining_work_5m")))
  const hours = Math.round(24 * (await bytesPerRow(client, "mining_work_1h")))
  const days = Math.round(await bytesPerRow(client, "mining_work_1d"))
  const yearGb = (10_000 * (fiveMinutes * 8 + hours * 35 + days * 365)) / 1e9
  return { fiveMinutes, hours, days, yearGb }
}
