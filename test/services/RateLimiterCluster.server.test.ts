import { assert, describe, it } from "@effect/vitest"
import { Effect, Schedule } from "effect"
import type { Policy } from "../../src/domain/RateLimit.ts"
import { RateLimiter } from "../../src/services/RateLimiter.ts"
import { capturedLogs } from "../support/CapturedLogs.ts"
import { limiterOverRedis } from "../support/LimiterOverRedis.ts"
import { redisCluster } from "../support/RedisCluster.ts"

const policy: Policy = { name: "ip", limit: 10_000, windowMicros: 60_000_000 }
const keys = Array.from({ length: 12 }, (_, index) => `198.51.100.${index}`)

/** The store that counts each key. */
const stores = Effect.gen(function* () {
  const { check } = yield* RateLimiter
  return yield* Effect.forEach(keys, (key) => Effect.map(check(policy, key), ({ store }) => store), {
    concurrency: "unbounded"
  })
})

const poll = Schedule.spaced("20 millis")
const isAll = (counted: ReadonlyArray<string>) => counted.every((store) => store === "redis")

describe("a Cluster with a frozen node", () => {
  it.live(
    "counts the other nodes' keys as before, and its own in process until it thaws",
    () =>
      Effect.gen(function* () {
        const { nodes, url } = yield* redisCluster(3)
        const logs = yield* capturedLogs
        const changes = () => logs.entries.map(({ message }) => message).filter((text) => text.includes("rate limits"))
        yield* Effect.gen(function* () {
          yield* Effect.repeat(stores, { schedule: poll, until: isAll })
          const frozen = nodes[1]
          yield* frozen?.signal("SIGSTOP") ?? Effect.void
          yield* Effect.repeat(stores, { schedule: poll, until: () => changes().length > 0 })
          const during = yield* Effect.forEach(Array.from({ length: 30 }), () => stores)
          // Every round is the same: no check waits for the frozen node, and none is denied by the others.
          const [first = []] = during
          assert.include(first, "memory")
          assert.include(first, "redis")
          for (const round of during) assert.deepStrictEqual(round, first)
          yield* frozen?.signal("SIGCONT") ?? Effect.void
          yield* Effect.repeat(stores, { schedule: poll, until: isAll })
        }).pipe(Effect.provide(limiterOverRedis({ TBG_REDIS_URL: url })), Effect.provide(logs.layer))
        assert.deepStrictEqual(changes(), [
          "Redis unavailable; rate limits fall back to in-process counters",
          "Redis available; rate limits are counted there again"
        ])
      }),
    60_000
  )
})
