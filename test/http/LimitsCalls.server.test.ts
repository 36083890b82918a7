import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Redis } from "ioredis"
import { get } from "../support/Http.ts"
import { teamServer } from "../support/TeamServer.ts"
import { bearer } from "../support/TeamRoutes.ts"
import { testServer } from "../support/TestServer.ts"
import { throwawayRedis } from "../support/ThrowawayRedis.ts"

/** Counts the calls of the limiter's script. */
const countedCalls = Effect.fnUntraced(function* (url: string) {
  const client = yield* Effect.acquireRelease(
    Effect.sync(() => new Redis(url)),
    (client) => Effect.sync(() => client.disconnect())
  )
  const calls = Effect.promise(async () => {
    const stats = await client.info("commandstats")
    return [...stats.matchAll(/^cmdstat_eval(?:sha)?:calls=(\d+)/gm)].reduce((sum, [, count]) => sum + Number(count), 0)
  })
  return Effect.fnUntraced(function* <A, E>(effect: Effect.Effect<A, E>) {
    const before = yield* calls
    const result = yield* effect
    return { result, calls: (yield* calls) - before }
  })
})

describe("GET /v1/limits over Redis", () => {
  it.live("makes one Redis call for all policies, with and without a key", () =>
    Effect.gen(function* () {
      const redis = yield* throwawayRedis()
      const variables = { TBG_REDIS_URL: redis.url, TBG_RATE_LIMIT_MODE: "enforce" }
      const { alpha, service } = yield* teamServer(testServer, variables)
      const counted = yield* countedCalls(redis.url)
      const url = `${service}/v1/limits`
      // The first call loads the script.
      yield* get(url)
      for (const headers of [{}, bearer(alpha.token), bearer(alpha.token)]) {
        const { calls, result } = yield* counted(get(url, headers))
        assert.strictEqual(result.status, 200)
        assert.strictEqual(calls, 1)
      }
      yield* get(`${service}/v1/teams/alpha/posts`, bearer(alpha.token))
      const { limits } = Object((yield* get(url, bearer(alpha.token))).body)
      assert.deepStrictEqual(
        limits.map((limit: Record<string, unknown>) => [limit["policy"], limit["remaining"]]),
        [
          ["ip", 100],
          ["key", 59]
        ]
      )
      const unkeyed = Object((yield* get(url)).body).limits
      assert.strictEqual(unkeyed[1].remaining, 60)
    })
  )
})
