import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { programResult } from "../support/TestProcess.ts"
import { testServer } from "../support/TestServer.ts"
import { throwawayRedis } from "../support/ThrowawayRedis.ts"

describe("tbg limits", () => {
  it.live("shows a caller's usage and resets it", () =>
    Effect.gen(function* () {
      const redis = yield* throwawayRedis()
      const variables = { TBG_REDIS_URL: redis.url, TBG_RATE_LIMIT_REQUESTS: "2" }
      const url = yield* testServer(variables)
      const limits = (...args: ReadonlyArray<string>) => programResult(["limits", ...args], variables)
      const version = Effect.map(
        Effect.promise(() => fetch(`${url}/version`)),
        ({ status }) => status
      )

      assert.deepStrictEqual([yield* version, yield* version, yield* version], [200, 200, 429])
      const inspected = yield* limits("inspect", "ip:127.0.0.1", "--json")
      assert.deepInclude(JSON.parse(inspected.stdout), { key: "ip:127.0.0.1", limit: 2, used: 2, remaining: 0 })
      const mapped = yield* limits("inspect", "::ffff:127.0.0.1")
      assert.match(mapped.stdout, /^ip:127\.0\.0\.1: 2 of 2 used in the last 60 s, 0 left, reset in \d+ s\n$/)

      const cleared = yield* limits("reset", "127.0.0.1")
      assert.deepStrictEqual([cleared.code, cleared.stdout], [0, "ip:127.0.0.1: limit reset\n"])
      assert.strictEqual(yield* version, 200)
    })
  )

  it.live.each([
    ["a key that is none", "nonsense", {}, 64, 'KEY "nonsense": expected ip:ADDRESS, key:ADDRESS or key:ID\n'],
    [
      "the embedded limiter",
      "127.0.0.1",
      {},
      69,
      "TBG_REDIS_URL=embedded keeps limits in the memory of the service, where tbg cannot read them; set a Redis URL\n"
    ],
    [
      "a Redis that is away",
      "127.0.0.1",
      { TBG_REDIS_URL: "redis://127.0.0.1:1" },
      69,
      "Redis 127.0.0.1:1 unreachable: no connection; start Redis, or correct the host and port in TBG_REDIS_URL\n"
    ]
  ] as const)("refuses %s", ([, key, variables, code, stderr]) =>
    Effect.gen(function* () {
      const result = yield* programResult(["limits", "inspect", key], variables)
      assert.deepStrictEqual([result.code, result.stderr, result.stdout], [code, stderr, ""])
    })
  )
})
