// Figures of the mining projection on a durable Postgres: events per second while it catches up, lag at a given rate,
// memory of the leader, and bytes that a worker adds in a day. Needs `npm run build`. Arguments: seconds of the lag
// measurement (30), events to catch up with (100000), shares per second (1600), addresses (5000).
import { Effect } from "effect"
import { Redis } from "ioredis"
import { spawn } from "node:child_process"
import { Client } from "pg"
import { entryOf } from "../src/services/mining/simulation/Event.ts"
import { makeSimulation } from "../src/services/mining/simulation/Simulation.ts"
import { throwawayRedis } from "../test/support/ThrowawayRedis.ts"
import { durablePostgres } from "./Backends.ts"
import { commandsOf } from "./Commands.ts"
import { percentile, tableSizes, untilIdle, untilLeading } from "./MiningFigures.ts"
import { residentMb } from "./Service.ts"

const [seconds = 30, backlog = 100_000, rate = 1600, miners = 5000] = process.argv.slice(2).map(Number)

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

const started = (variables: Record<string, string>, ...args: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const env = { PATH: process.env["PATH"] ?? "", ...variables }
      return spawn(process.execPath, ["dist/main.js", ...args], { env, stdio: ["ignore", "ignore", "inherit"] })
    }),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )

/** Appends the first events of a fleet that have just happened, without the collector's trimming. */
const appendBacklog = async (redis: Redis) => {
  const perSecond = 20_000
  const length = Math.ceil((backlog / perSecond) * 1.2)
  const start = (Date.now() - length * 1000) * 1000
  const options = { seed: "bench", miners, network: "signet", start, rate: perSecond, hasPauses: false } as const
  const simulation = await Effect.runPromise(makeSimulation(options))
  const events = simulation.eventsUntil(start + length * 1_000_000).slice(0, backlog)
  for (let from = 0; from < events.length; from += 5000) {
    await Promise.all(
      events.slice(from, from + 5000).map((event) => {
        const { fields, stream } = entryOf(event)
        return redis.xadd(stream, "*", ...Object.entries(fields).flat())
      })
    )
  }
  return { events: events.length, workers: simulation.fleet.workers.length }
}

/** Age of the oldest share that is not projected, in milliseconds. */
const lagOf = async (redis: Redis, client: Client): Promise<number> => {
  const { rows } = await client.query<{ entry: string }>(
    "SELECT entry FROM tbg_api.mining_streams WHERE stream = 'mining:share_submitted'"
  )
  const after = `(${rows[0]?.entry ?? "0-0"}`
  const [oldest] = await redis.xrange("mining:share_submitted", after, "+", "COUNT", 1)
  return oldest === undefined ? 0 : Math.max(0, Date.now() - Number(oldest[0].split("-")[0]))
}

const lags = async (redis: Redis, client: Client): Promise<ReadonlyArray<number>> => {
  const samples: Array<number> = []
  const end = Date.now() + seconds * 1000
  while (Date.now() < end) {
    samples.push(await lagOf(redis, client))
    await sleep(20)
  }
  return samples
}

const program = Effect.gen(function* () {
  const postgres = yield* durablePostgres
  const server = yield* throwawayRedis()
  const variables = {
    TBG_ENVIRONMENT: "test",
    TBG_PORT: "0",
    TBG_DATABASE_URL: postgres.url,
    TBG_REDIS_URL: server.url,
    TBG_BITCOIN_NETWORK: "signet"
  }
  commandsOf("dist/main.js", variables)("migrate", "up")
  const client = new Client({ connectionString: postgres.url })
  const redis = new Redis(server.url, { replyMapping: "legacy" })
  yield* Effect.addFinalizer(() =>
    Effect.promise(async () => {
      await client.end()
      redis.disconnect()
    })
  )
  yield* Effect.promise(() => client.connect())
  const leader = yield* started(variables, "mining", "project")
  yield* Effect.promise(() => untilLeading(client))
  const { events, workers } = yield* Effect.promise(() => appendBacklog(redis))
  const { perSecond } = yield* Effect.promise(() => untilIdle(client, redis))
  yield* started(variables, "simulate", "--yes", "--miners", String(miners), "--rate", String(rate))
  // The simulator builds its fleet, and the leader creates the workers.
  yield* Effect.promise(() => sleep(5000))
  const samples = yield* Effect.promise(() => lags(redis, client))
  const memory = residentMb(leader.pid ?? 0)
  const sizes = yield* Effect.promise(() => tableSizes(client))
  const rows = [
    ["events", String(events), ""],
    ["workers", String(workers), ""],
    ["events per second while catching up", String(Math.round(perSecond)), "5000"],
    [`lag p50 at ${rate} shares/s, ms`, String(percentile(samples, 0.5)), ""],
    [`lag p99 at ${rate} shares/s, ms`, String(percentile(samples, 0.99)), "250"],
    ["resident memory of the leader, MB", String(Math.round(memory)), ""],
    ["bytes per worker and day, 5-minute rows (8 days)", String(sizes.fiveMinutes), ""],
    ["bytes per worker and day, hourly rows (35 days)", String(sizes.hours), ""],
    ["bytes per worker and day, daily rows (forever)", String(sizes.days), ""],
    ["disk at 10,000 workers after a year, GB", sizes.yearGb.toFixed(1), ""]
  ]
  const lines = rows.map((row) => `| ${row.join(" | ")} |`)
  process.stdout.write(["| figure | measured | bound |", "|---|---|---|", ...lines, ""].join("\n"))
})

await Effect.runPromise(Effect.scoped(program))
