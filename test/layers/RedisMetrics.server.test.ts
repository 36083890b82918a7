import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schedule } from "effect"
import { PrometheusMetrics } from "effect/observability"
import { AppConfig } from "../../src/layers/AppConfig.ts"
import { Redis } from "../../src/layers/Redis.ts"
import { valuesOf } from "../support/Exposition.ts"
import { freshRegistry } from "../support/MetricRegistry.ts"
import { throwawayRedis } from "../support/ThrowawayRedis.ts"
import { capturedLines } from "../support/MockLayers.ts"

const redisAt = (url: string) =>
  Redis.layer.pipe(
    Layer.provide(AppConfig.layerFrom({ TBG_ENVIRONMENT: "test", TBG_REDIS_URL: url, TBG_READY_TIMEOUT_MS: "200" })),
    Layer.provide(capturedLines(() => {}))
  )

const policy = { name: "ip", limit: 3, windowMicros: 60_000_000 }

const counted = (labels: Readonly<Record<string, string>>) =>
  Effect.map(PrometheusMetrics.format(), (text) => valuesOf(text, "tbg_redis_command_duration_seconds_count", labels))

describe("the Redis metrics", () => {
  it.live("time each command that was answered", () =>
    Effect.gen(function* () {
      const { url } = yield* throwawayRedis()
      yield* Effect.gen(function* () {
        const { admissions, probe } = yield* Redis
        // A new server does not know the script, so it is called by hash first, then sent.
        yield* probe
        yield* Effect.fromNullishOr(admissions).pipe(
          Effect.flatMap(({ ask }) => ask([{ key: "caller", policy, count: 1 }]))
        )
        yield* Effect.repeat(counted({ command: "time", outcome: "ok" }), {
          until: (counts) => counts.length === 1,
          schedule: Schedule.spaced("5 millis")
        })
        assert.deepStrictEqual(yield* counted({ command: "evalsha", outcome: "ok" }), [1])
        assert.deepStrictEqual(yield* counted({ command: "evalsha", outcome: "error" }), [1])
        assert.deepStrictEqual(yield* counted({ command: "eval", outcome: "ok" }), [1])
      }).pipe(Effect.provide(redisAt(url)))
    }).pipe(Effect.timeout("20 seconds"), freshRegistry)
  )

  it.live("time a command without an answer", () =>
    Effect.gen(function* () {
      const server = yield* throwawayRedis()
      yield* Effect.gen(function* () {
        const { probe } = yield* Redis
        yield* probe
        yield* server.signal("SIGSTOP")
        yield* Effect.flip(probe)
        yield* server.signal("SIGCONT")
        assert.deepStrictEqual(yield* counted({ command: "eval", outcome: "ok" }), [1])
        assert.strictEqual((yield* counted({ command: "evalsha", outcome: "error" }))[0], 2)
      }).pipe(Effect.provide(redisAt(server.url)))
    }).pipe(Effect.timeout("20 seconds"), freshRegistry)
  )
})
