import { Effect, Schedule, Schema } from "effect"
import { Redis } from "ioredis"
import { throwawayRedis } from "./ThrowawayRedis.ts"
import type { ThrowawayRedis, RedisCertificate } from "./ThrowawayRedis.ts"

const slots = 16_384

class NotTogether extends Schema.TaggedError<NotTogether>()("NotTogether", { info: Schema.String }) {}

const connectedTo = ({ url }: ThrowawayRedis) =>
  Effect.acquireRelease(
    // A test may kill a node.
    Effect.sync(() => new Redis(url).on("error", () => {})),
    (client) => Effect.sync(() => client.disconnect())
  )

const urlOf = (scheme: string, host: string, ports: ReadonlyArray<number>) =>
  `${scheme}+cluster://${ports.map((port) => `${host}:${port}`).join(",")}`

/** A Redis Cluster on 127.0.0.1 whose masters share the slots evenly, without replicas. */
export const redisCluster = Effect.fnUntraced(function* (size: number, tls?: RedisCertificate) {
  const nodes = yield* Effect.all(Array.from({ length: size }, () => throwawayRedis({ cluster: true, tls })))
  const clients = yield* Effect.forEach(nodes, connectedTo)
  const call = (index: number, ...args: ReadonlyArray<string | number>) =>
    Effect.promise(async () => String(await clients[index]?.call("CLUSTER", ...args.map(String))))

  for (const [index, { host, port, tlsPort = port }] of nodes.entries()) {
    const first = Math.ceil((index * slots) / size)
    const next = Math.ceil(((index + 1) * slots) / size)
    yield* call(index, "ADDSLOTSRANGE", first, next - 1)
    yield* call(index, "SET-CONFIG-EPOCH", index + 1)
    if (index > 0) yield* call(0, "MEET", host, tlsPort)
  }
  yield* Effect.forEach(clients.keys(), (index) =>
    call(index, "INFO").pipe(
      Effect.filterOrFail(
        (info) => info.includes("cluster_state:ok") && info.includes(`cluster_slots_assigned:${slots}`),
        (info) => new NotTogether({ info })
      ),
      Effect.retry({ schedule: Schedule.spaced("20 millis"), times: 1000 })
    )
  )
  return {
    nodes,
    url: urlOf(
      "redis",
      "127.0.0.1",
      nodes.map(({ port }) => port)
    ),
    tlsUrl: urlOf(
      "rediss",
      "localhost",
      nodes.flatMap(({ tlsPort }) => tlsPort ?? [])
    )
  }
})
