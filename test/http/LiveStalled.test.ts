import { assert, it } from "@effect/vitest"
import { Effect, Layer, Schedule } from "effect"
import { connect } from "node:net"
import { LiveHub } from "../../src/services/live/LiveHub.ts"
import { maxWaitingBytes } from "../../src/services/live/LiveStream.ts"
import { commitNow, eventOf, LiveWorld } from "../support/live/LiveWorld.ts"
import { memoryProcess } from "../support/live/MemoryHub.ts"
import { freshRegistry } from "../support/MetricRegistry.ts"
import { realServer } from "../support/TestEdge.ts"

/** More than the operating system buffers for one connection. */
const shares = Array.from({ length: 40_000 }, (_, index) => eventOf("share", "alice", index))

const connected = (port: number) =>
  Effect.acquireRelease(
    Effect.sync(() => connect(port, "127.0.0.1").on("error", () => {})),
    (socket) => Effect.sync(() => socket.destroy())
  )

it.live("a stream whose client reads nothing holds at most 64 KiB, and is closed at the limit", () =>
  Effect.gen(function* () {
    const world = new LiveWorld()
    const hub = yield* memoryProcess(world, { stalledMs: 500 })
    const { port, url } = yield* realServer({ streams: Layer.succeed(LiveHub, hub) })
    const metric = (name: string) =>
      Effect.promise(async () => {
        const text = await (await fetch(`${url}/metrics`)).text()
        const line = text.split("\n").find((line) => line.startsWith(`${name} `))
        return Number(line?.slice(name.length))
      })
    const poll = Schedule.spaced("10 millis")

    const socket = yield* connected(port)
    socket.pause()
    socket.write("GET /api/v1/live?topics=miner:bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq HTTP/1.1\r\nHost: a\r\n\r\n")
    yield* Effect.repeat(hub.streams, { until: ({ length }) => length === 1, schedule: poll })
    assert.strictEqual(yield* metric("http_requests_in_flight"), 1, "only the scrape itself is in flight")
    yield* commitNow(
      world,
      shares.map((share) => ({ ...share, address: "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq" }))
    )
    yield* Effect.repeat(metric("tbg_live_dropped_total"), { until: (count) => count > 0, schedule: poll })
    const waiting = yield* metric("tbg_live_queue_bytes")
    assert.isAbove(waiting, 0)
    assert.isAtMost(waiting, maxWaitingBytes)
    yield* Effect.repeat(hub.streams, { until: ({ length }) => length === 0, schedule: poll })
    assert.strictEqual(yield* metric('tbg_live_disconnects_total{reason="stalled"}'), 1)
  }).pipe(freshRegistry)
)
