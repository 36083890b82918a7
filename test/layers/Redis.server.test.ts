import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schedule } from "effect"
import { Redis as Client } from "ioredis"
import { AppConfig } from "../../src/layers/AppConfig.ts"
import { Redis } from "../../src/layers/Redis.ts"
import { throwawayRedis } from "../support/ThrowawayRedis.ts"
import { capturedLogger } from "../support/MockLayers.ts"

const redisAt = (url: string) =>
  Redis.layer.pipe(
    Layer.provide(AppConfig.layerFrom({ TBG_ENVIRONMENT: "test", TBG_REDIS_URL: url, TBG_READY_TIMEOUT_MS: "200" }))
  )

const probe = Effect.flatMap(Redis, (redis) => redis.probe)
const fault = Effect.map(Effect.flip(probe), (down) => down.fault)
const recovered = Effect.retry(probe, { schedule: Schedule.spaced("20 millis"), times: 250 })
const lost = Effect.retry(Effect.flip(probe), { schedule: Schedule.spaced("20 millis"), times: 250 })

describe("Redis", () => {
  it.live("answers the first probe without waiting for the connection at startup", () =>
    Effect.gen(function* () {
      const { url } = yield* throwawayRedis()
      yield* Effect.provide(probe, redisAt(url))
    })
  )

  it.live("discovers the nodes of a Cluster", () =>
    Effect.gen(function* () {
      const { host, port, url } = yield* throwawayRedis({ cluster: true })
      const node = yield* Effect.acquireRelease(
        Effect.sync(() => new Client(url)),
        (client) => Effect.sync(() => client.disconnect())
      )
      yield* Effect.promise(() => node.call("CLUSTER", "ADDSLOTSRANGE", "0", "16383"))
      const slots = Effect.promise(() => node.call("CLUSTER", "INFO"))
      yield* Effect.repeat(slots, { until: (info) => String(info).includes("cluster_state:ok") })
      yield* Effect.provide(probe, redisAt(`redis+cluster://${host}:${port},${host}:1`))
    })
  )

  it.live("needs no server if it is embedded", () => Effect.provide(probe, redisAt("embedded")))

  it.live("is unreachable if nothing listens", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* Effect.provide(fault, redisAt("redis://127.0.0.1:1")), "unreachable")
    })
  )

  it.live("is denied for a wrong and for a missing password", () =>
    Effect.gen(function* () {
      const { host, port } = yield* throwawayRedis({ password: "right" })
      assert.strictEqual(yield* Effect.provide(fault, redisAt(`redis://:wrong@${host}:${port}`)), "denied")
      assert.strictEqual(yield* Effect.provide(fault, redisAt(`redis://${host}:${port}`)), "denied")
    })
  )

  it.live("times out while the server is frozen, and recovers when it thaws", () =>
    Effect.gen(function* () {
      const server = yield* throwawayRedis()
      yield* Effect.gen(function* () {
        yield* probe
        yield* server.signal("SIGSTOP")
        assert.strictEqual(yield* fault, "timeout")
        yield* server.signal("SIGCONT")
        yield* recovered
      }).pipe(Effect.provide(redisAt(server.url)))
    })
  )

  it.live("is read_only once its server is a replica, and reconnects without logging a lost connection", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const server = yield* throwawayRedis()
      const administrator = yield* Effect.acquireRelease(
        Effect.sync(() => new Client(server.url)),
        (client) => Effect.sync(() => client.disconnect())
      )
      const connections = Effect.promise(async () => {
        const statistics = String(await administrator.call("INFO", "stats"))
        return Number(/total_connections_received:(\d+)/.exec(statistics)?.[1])
      })
      yield* Effect.gen(function* () {
        yield* probe
        const before = yield* connections
        yield* Effect.promise(() => administrator.call("REPLICAOF", "127.0.0.1", "1"))
        assert.strictEqual(yield* fault, "read_only")
        yield* Effect.repeat(connections, { until: (count) => count > before, schedule: Schedule.spaced("10 millis") })
        assert.strictEqual(yield* fault, "read_only")
        yield* Effect.promise(() => administrator.call("REPLICAOF", "NO", "ONE"))
        yield* recovered
      }).pipe(Effect.provide(redisAt(server.url)), Effect.provide(capturedLogger((line) => void lines.push(line))))
      assert.lengthOf(lines, 1)
      assert.include(lines[0], "connected to Redis")
    })
  )

  it.live("logs a connection and its loss once each", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const server = yield* throwawayRedis()
      yield* Effect.gen(function* () {
        yield* probe
        yield* server.stop
        yield* lost
        yield* Effect.exit(probe)
      }).pipe(Effect.provide(redisAt(server.url)), Effect.provide(capturedLogger((line) => void lines.push(line))))
      const messages = lines.map((line) => /"message":"([^"]+)"/.exec(line)?.[1])
      assert.deepStrictEqual(messages, ["connected to Redis", "Redis connection unavailable"])
    })
  )
})
