// Live streams: memory of idle ones, and time from the commit of an event to its last write, with one event a second. The time
// is measured without and with clients that read nothing. Raw sockets on the core of the load; Postgres is durable. Arguments:
// streams that get events (5000), idle streams (10000), stalled clients (1000), seconds of each measurement (100). Needs
// Linux with two cores, Python 3, `npm run build`, and `ulimit -n` above the number of streams.
import { Effect } from "effect"
import { Client } from "pg"
import { networkEvent } from "../test/support/live/LiveReplicas.ts"
import { ample, backends } from "./Backends.ts"
import { commandsOf } from "./Commands.ts"
import { bucketsIn, closeClients, openClients, quantileMs, sample, stalledClients } from "./LiveClients.ts"
import { percentile } from "./MiningFigures.ts"
import { moveToLoadCore, pinnedServer } from "./PinnedServer.ts"
import { residentMb } from "./Service.ts"

const [listeners = 5000, idle = 10_000, stalled = 1000, seconds = 100] = process.argv.slice(2).map(Number)

const miner = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
/** Shares of one commit: more than a socket and the queue of a stream hold. */
const burst = 5000

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

const share = {
  type: "share",
  address: miner,
  worker: "rig1",
  difficulty: 1024,
  reached: 2048,
  at: "2026-11-30T12:00:00.000000Z"
}

const publish = (client: Client, events: ReadonlyArray<object>) =>
  client.query(
    `WITH state AS (UPDATE tbg_api.mining_state SET outbox = outbox + $1::int RETURNING outbox)
     INSERT INTO tbg_api.mining_outbox (last, first, at, events)
     SELECT outbox, outbox - $1::int + 1, clock_timestamp(), $2 FROM state`,
    [events.length, JSON.stringify(events)]
  )

const program = Effect.gen(function* () {
  const variables = { ...(yield* backends), ...ample, TBG_PROJECTION: "off", TBG_MAX_STREAMS: "100000" }
  commandsOf("dist/main.js", variables)("migrate", "up")
  const { pid, url } = yield* pinnedServer(["dist/main.js", "serve"], variables)
  const client = new Client({ connectionString: variables.TBG_DATABASE_URL })
  yield* Effect.acquireRelease(
    Effect.promise(() => client.connect()),
    () => Effect.promise(() => client.end())
  )
  const metrics = async () => (await fetch(`${url}/metrics`)).text()
  const deliveries = async () => bucketsIn(await metrics(), "tbg_live_delivery_seconds")

  /** Memory of an idle stream in KB. The first streams compile the code. */
  const memory = async (): Promise<number> => {
    const first = await openClients(50, { url, topics: "network", onData: () => {} })
    await sleep(2000)
    const before = residentMb(pid)
    const clients = await openClients(idle, { url, topics: "network", onData: () => {} })
    await sleep(20_000)
    const each = ((residentMb(pid) - before) * 1024) / idle
    closeClients([...first, ...clients])
    await sleep(2000)
    return each
  }

  let height = 0
  const broadcasts = async (sent: { at: number }) => {
    const before = await deliveries()
    for (let second = 0; second < seconds; second++) {
      sent.at = performance.now()
      await publish(client, [networkEvent(++height)])
      await sleep(1000)
    }
    const after = await deliveries()
    return { p50: quantileMs(before, after, 0.5), p99: quantileMs(before, after, 0.99) }
  }

  yield* Effect.promise(() =>
    client.query("INSERT INTO tbg_api.mining_addresses (address, shares) VALUES ($1, 1)", [miner])
  )
  const each = yield* Effect.promise(memory)
  const sent = { at: 0 }
  const received: Array<number> = []
  const onData = (piece: Buffer): void => {
    if (piece.includes("event: network")) received.push(performance.now() - sent.at)
  }
  yield* Effect.acquireRelease(
    Effect.promise(() => openClients(listeners, { url, topics: "network", onData })),
    (sockets) => Effect.sync(() => closeClients(sockets))
  )
  const alone = yield* Effect.promise(() => broadcasts(sent))
  const times = received.splice(0)

  yield* stalledClients(url, `miner:${miner}`, stalled)
  const shares = Array.from({ length: burst }, () => share)
  const queued = yield* Effect.promise(async () => {
    while (sample(await metrics(), "tbg_live_connections") < listeners + stalled) await sleep(100)
    await publish(client, shares)
    // The burst itself delays other events. It is over when the service drops no more shares.
    let most = 0
    let dropped = -1
    for (let second = 0; second < 60; second++) {
      await sleep(1000)
      const text = await metrics()
      most = Math.max(most, sample(text, "tbg_live_queue_bytes"))
      const now = sample(text, "tbg_live_dropped_total")
      if (most > 0 && now === dropped) break
      dropped = now
    }
    return most
  })
  const withStalled = yield* Effect.promise(() => broadcasts(sent))
  const closed = sample(yield* Effect.promise(metrics), 'tbg_live_disconnects_total{reason="stalled"}')

  const rows = [
    ["resident memory of an idle stream, KB", each.toFixed(1), "25"],
    ["commit to last write: p50 and p99 at most, ms", `${alone.p50} and ${alone.p99}`, "p99 200"],
    ["start of commit to receipt: p50, ms", percentile(times, 0.5).toFixed(0), ""],
    ["start of commit to receipt: p99, ms", percentile(times, 0.99).toFixed(0), ""],
    ["received events", String(times.length), String(listeners * seconds)],
    [`with ${stalled} stalled clients: p99 at most, ms`, String(withStalled.p99), "+20 %"],
    ["start of commit to receipt with stalled clients: p99, ms", percentile(received, 0.99).toFixed(0), "+20 %"],
    ["queued bytes of a stalled client", (queued / stalled).toFixed(0), "65536"],
    ["stalled clients that were disconnected", String(closed), String(stalled)]
  ]
  const lines = rows.map((row) => `| ${row.join(" | ")} |`)
  process.stdout.write(["| figure | measured | bound |", "|---|---|---|", ...lines, ""].join("\n"))
})

moveToLoadCore()
await Effect.runPromise(Effect.scoped(program))
