import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { Redis } from "ioredis"
import { AppConfig } from "../../src/layers/AppConfig.ts"
import { RedisStreams } from "../../src/layers/mining/RedisStreams.ts"
import { throwawayRedis } from "../support/ThrowawayRedis.ts"

const client = (url: string) =>
  Effect.acquireRelease(
    Effect.sync(() => new Redis(url)),
    (redis) => Effect.promise(() => redis.quit())
  )

it.live("RedisStreams reads entries after positions, the ends of streams, and reports keys of another type", () =>
  Effect.gen(function* () {
    const server = yield* throwawayRedis()
    const redis = yield* client(server.url)
    yield* Effect.promise(async () => {
      await redis.xadd("mining:a", "5-0", "event", "a", "data", "1")
      await redis.xadd("mining:a", "6-0", "event", "a", "data", "2", "data", "3")
      await redis.xadd("mining:a", "7-0", "event", "ä\u{1F600}")
      await redis.set("mining:b", "text")
    })
    const config = AppConfig.layerFrom({ TBG_ENVIRONMENT: "test", TBG_MINING_REDIS_URL: server.url })
    const states = yield* Effect.gen(function* () {
      const { read } = yield* RedisStreams
      assert.isDefined(read)
      const positions = new Map([["mining:a", "5-0"]])
      return yield* Effect.eventually(read(["mining:a", "mining:b", "mining:c"], positions, 1))
    }).pipe(Effect.provide(RedisStreams.layer), Effect.provide(config))
    const none = { entries: [], oldest: undefined, newest: undefined }
    assert.deepStrictEqual(states, [
      {
        stream: "mining:a",
        entries: [
          {
            stream: "mining:a",
            id: "6-0",
            fields: [
              ["event", "a"],
              ["data", "2"],
              ["data", "3"]
            ]
          }
        ],
        oldest: "5-0",
        newest: "7-0",
        isWrongType: false
      },
      { stream: "mining:b", ...none, isWrongType: true },
      { stream: "mining:c", ...none, isWrongType: false }
    ])
  })
)
