// Boards of the current week in memory, over a durable Postgres. Latency of a
// miner's rank with its neighbors, and of a page, at 200 requests/s (open loop); time from a new best share to the board;
// delay of the server's event loop. Arguments: miners (100,000), seconds of load (20), shares per second (1600). Needs
// Linux with two cores, and `npm run build`.
import { bech32 } from "@scure/base"
import { Effect } from "effect"
import { Redis } from "ioredis"
import { spawn } from "node:child_process"
import { Client } from "pg"
import { throwawayPostgresWith, durable } from "../test/support/ThrowawayPostgres.ts"
import { throwawayRedis } from "../test/support/ThrowawayRedis.ts"
import { ample } from "./Backends.ts"
import { commandsOf } from "./Commands.ts"
import { percentile, untilLeading } from "./MiningFigures.ts"
import { openLoad } from "./OpenLoad.ts"
import { serverOnBothCores } from "./PinnedServer.ts"
import { residentMb } from "./Service.ts"

const [miners = 100_000, seconds = 20, rate = 1600] = process.argv.slice(2).map(Number)

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

const addressOf = (index: number): string => {
  const program = new Uint8Array(20)
  new DataView(program.buffer).setUint32(0, index)
  return bech32.encode("tb", [0, ...bech32.toWords(program)])
}
const addresses = Array.from({ length: miners }, (_, index) => addressOf(index))

/** A worker of each miner, with daily rows of the current week until today. Bests are those of honest miners. */
const fill = [
  "INSERT INTO tbg_api.mining_addresses (address, workers, shares) SELECT a, 1, 1 FROM unnest($1::text[]) a",
  "INSERT INTO tbg_api.mining_workers (address_id, name) SELECT id, 'rig' FROM tbg_api.mining_addresses",
  `INSERT INTO tbg_api.mining_work_1d (worker_id, bucket, difficulty, shares, below, best, best_at)
    SELECT w.id, day, 1024, n, 0, 1024 * n / (1 - random()), day + random() * (least(now(), day + interval '1 day') - day)
    FROM tbg_api.mining_workers w
    CROSS JOIN generate_series(date_trunc('week', now() AT TIME ZONE 'UTC'), now() AT TIME ZONE 'UTC', '1 day') d
    CROSS JOIN LATERAL (SELECT d AT TIME ZONE 'UTC' AS day, 1 + (random() * 1000)::int AS n) x`,
  "VACUUM ANALYZE"
]

const started = (variables: Record<string, string>, ...args: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const env = { PATH: process.env["PATH"] ?? "", ...variables }
      return spawn(process.execPath, ["dist/main.js", ...args], { env, stdio: ["ignore", "ignore", "inherit"] })
    }),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )

const untilFolded = async (client: Client): Promise<void> => {
  for (;;) {
    const { rows } = await client.query<{ folded: number }>(
      "SELECT count(*)::int AS folded FROM tbg_api.mining_week_miners WHERE shares > 0"
    )
    if ((rows[0]?.folded ?? 0) >= miners) return
    await sleep(200)
  }
}

const boardPath = "/api/v1/leaderboard?board=difficulty"

const topOf = async (url: string): Promise<{ readonly value: number; readonly total: number }> => {
  for (;;) {
    const response = await fetch(`${url}${boardPath}&limit=1`)
    const { entries = [], total } = Object(await response.json())
    // A busy machine may not read the boards within the deadline of a request.
    if (response.status === 200) return { value: entries[0]?.value ?? 0, total }
  }
}

/** Times from the event of a new best share to its place at the top, in milliseconds. */
const newBests = async (url: string, redis: Redis, rounds: number): Promise<ReadonlyArray<number>> => {
  const times: Array<number> = []
  const { value } = await topOf(url)
  for (let round = 1; round <= rounds; round++) {
    const user = addressOf(round)
    const best = Math.ceil(value) * 2 ** round
    const data = JSON.stringify({ user, worker: `${user}.rig`, diff: 1024, sdiff: best, accepted: true })
    const sentAt = performance.now()
    const fields = ["event", "share_submitted", "ts", String(Date.now() / 1000), "source", "hosted", "data", data]
    await redis.xadd("mining:share_submitted", "*", ...fields)
    while ((await topOf(url)).value < best) await sleep(5)
    times.push(performance.now() - sentAt)
    await sleep(137)
  }
  return times
}

/** Figures of the event loop since the last call, in milliseconds. */
const eventLoopOf = async (url: string) => {
  const text = await (await fetch(`${url}/metrics`)).text()
  const figure = (name: string): number =>
    1000 * Number(new RegExp(`^nodejs_eventloop_lag_${name}_seconds (.+)$`, "m").exec(text)?.[1])
  return { p99: figure("p99"), max: figure("max") }
}

const print = (line: string) => process.stdout.write(`${line}\n`)

const program = Effect.gen(function* () {
  const postgres = yield* throwawayPostgresWith({ settings: { ...durable, shared_buffers: "256MB" } })
  const store = yield* throwawayRedis()
  const variables = {
    ...ample,
    TBG_ENVIRONMENT: "development",
    TBG_DATABASE_URL: postgres.url,
    TBG_REDIS_URL: store.url,
    TBG_SECRET_KEY: "a-secret-that-only-benchmarks-use",
    TBG_BITCOIN_NETWORK: "signet"
  }
  commandsOf("dist/main.js", variables)("migrate", "up")
  const client = new Client({ connectionString: postgres.url })
  const redis = new Redis(store.url, { replyMapping: "legacy" })
  yield* Effect.addFinalizer(() =>
    Effect.promise(async () => {
      await client.end()
      redis.disconnect()
    })
  )
  yield* Effect.promise(async () => {
    await client.connect()
    for (const [index, statement] of fill.entries()) await client.query(statement, index === 0 ? [addresses] : [])
  })
  yield* started({ ...variables, TBG_PORT: "0" }, "mining", "project")
  const begunAt = performance.now()
  yield* Effect.promise(() => untilLeading(client).then(() => untilFolded(client)))
  print(`fold of ${miners} miners by a new leader: ${Math.round(performance.now() - begunAt)} ms`)

  const { pid, url } = yield* serverOnBothCores(["dist/main.js", "serve"], { ...variables, TBG_PROJECTION: "off" })
  const askedAt = performance.now()
  const { total } = yield* Effect.promise(() => topOf(url))
  const loaded = yield* Effect.promise(() => eventLoopOf(url))
  print(`first answer after ${Math.round(performance.now() - askedAt)} ms, with ${total} entries`)
  print(`event loop while loading: p99 ${loaded.p99.toFixed(1)} ms, max ${loaded.max.toFixed(1)} ms`)

  const middle = addressOf(Math.floor(miners / 2))
  const paths = [
    `/api/v1/leaderboard/miners/${middle}?board=difficulty`,
    `/api/v1/leaderboard/miners/${middle}?board=work`,
    `${boardPath}&limit=20`
  ]
  const printLatencies = Effect.fnUntraced(function* (pool: string) {
    for (const path of paths) {
      const load = { url, path, headers: {}, perSecond: 200, seconds, connections: 100, limitMs: 10 }
      const { good, late, lost, p50Ms, p99Ms, shed, unsent } = yield* Effect.promise(() => openLoad(load))
      print(
        `${path} at 200 requests/s, ${pool}: p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms; per second ` +
          `${good} good, ${late} late, ${shed} shed, ${lost} lost, ${unsent} unsent`
      )
    }
  })
  yield* printLatencies("idle pool (< 10)")
  yield* started(variables, "simulate", "--yes", "--miners", "5000", "--rate", String(rate))
  yield* Effect.promise(() => sleep(5000))
  yield* printLatencies(`${rate} shares/s`)
  const { max, p99 } = yield* Effect.promise(() => eventLoopOf(url))
  print(
    `event loop under load: p99 ${p99.toFixed(1)} ms, max ${max.toFixed(1)} ms; memory ${Math.round(residentMb(pid))} MB`
  )
  const times = yield* Effect.promise(() => newBests(url, redis, 20))
  print(
    `new best share to the board: p50 ${Math.round(percentile(times, 0.5))} ms, max ${Math.round(Math.max(...times))} ms (< 1000)`
  )
})

await Effect.runPromise(Effect.scoped(program))
