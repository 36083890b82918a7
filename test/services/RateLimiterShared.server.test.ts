import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Config, Effect, Schema } from "effect"
import { commandResult } from "../support/CommandResult.ts"
import { get } from "../support/Http.ts"
import { Allowed, LimiterPlan } from "../support/LimiterPlan.ts"
import { redisCluster } from "../support/RedisCluster.ts"
import { testProcess } from "../support/TestProcess.ts"
import { throwawayRedis } from "../support/ThrowawayRedis.ts"

/** Repetitions of tests that fail only occasionally; `make test-long` sets it. */
const repetitions = Config.withDefault(Config.Int("TBG_TEST_REPEAT"), 1)
const longest = 300_000

const processes = 8
const fibers = 64

/** Runs the processes of the plan; returns how many requests each admitted, by round and key. */
const allowedBy = Effect.fnUntraced(function* (plan: typeof LimiterPlan.Type) {
  const text = yield* Schema.encodeEffect(LimiterPlan)(plan)
  const child = join(import.meta.dirname, "..", "support", "limiterChild.ts")
  return yield* Effect.forEach(
    Array.from({ length: plan.processes }),
    () =>
      Effect.gen(function* () {
        const { code, stderr, stdout } = yield* commandResult(process.execPath, [child, text])
        assert.strictEqual(code, 0, stdout + stderr)
        return yield* Schema.decodeUnknownEffect(Allowed)(stdout)
      }),
    { concurrency: "unbounded" }
  )
})

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, number) => total + number, 0)

/** Hammers the keys, and compares the admitted requests with the limit, for each key and round. */
const assertExact = Effect.fnUntraced(function* (url: string, keys: number, limit: number) {
  const rounds = yield* repetitions
  const allowed = yield* allowedBy({ url, processes, fibers, rounds, keys, limit })
  const admitted = Array.from({ length: rounds }, (_, round) =>
    Array.from({ length: keys }, (_, key) => sum(allowed.map((counts) => counts[round]?.[key] ?? Number.NaN)))
  )
  assert.deepStrictEqual(admitted, Array(rounds).fill(Array(keys).fill(limit)))
  // Otherwise the processes did not overlap.
  assert.isAbove(allowed.filter((counts) => sum(counts.flat()) > 0).length, 1)
})

describe("eight processes with 64 fibers each", () => {
  it.live(
    "are admitted exactly up to the limit of one key",
    () =>
      Effect.gen(function* () {
        const { url } = yield* throwawayRedis()
        yield* assertExact(url, 1, 5000)
      }),
    longest
  )

  it.live(
    "are admitted exactly up to the limit of each key of a Cluster of three nodes",
    () =>
      Effect.gen(function* () {
        const { url } = yield* redisCluster(3)
        yield* assertExact(url, 8, 500)
      }),
    longest
  )
})

describe("three replicas of the service", () => {
  const limit = 50
  /** A third of 50, rounded up. */
  const share = 17

  const replicas = (url: string) =>
    Effect.all(
      Array.from({ length: 3 }, () =>
        testProcess({
          TBG_ENVIRONMENT: "test",
          TBG_REDIS_URL: url,
          TBG_RATE_LIMIT_REQUESTS: String(limit),
          TBG_REPLICAS: "3",
          TBG_TRUSTED_PROXIES: "127.0.0.1",
          // Three services and a hundred requests each overload two cores.
          TBG_RATE_LIMIT_BUDGET_MS: "20000",
          TBG_READY_TIMEOUT_MS: "20000"
        })
      ),
      { concurrency: "unbounded" }
    )

  const countsOf = (statuses: ReadonlyArray<number>) => ({
    admitted: statuses.filter((status) => status === 200).length,
    refused: statuses.filter((status) => status === 429).length
  })

  const asked = (client: number, urls: ReadonlyArray<string>) =>
    Effect.map(
      Effect.forEach(urls, (url) => get(`${url}/version`, { "X-Forwarded-For": `192.0.2.${client}` }), {
        concurrency: "unbounded"
      }),
      (answers) => countsOf(answers.map(({ status }) => status))
    )

  const hundred = (url: string) => Array.from({ length: 100 }, () => url)

  it.live(
    "admit exactly the limit together, and each its share after Redis is killed",
    () =>
      Effect.gen(function* () {
        const redis = yield* throwawayRedis()
        const urls = (yield* replicas(redis.url)).map(({ url }) => url)
        // In turns, one request of each.
        const inTurns = Array.from({ length: 100 }, () => urls).flat()
        for (let client = 1; client <= (yield* repetitions); client++) {
          assert.deepStrictEqual(yield* asked(client, inTurns), { admitted: limit, refused: 300 - limit })
        }
        yield* redis.signal("SIGKILL")
        for (const url of urls) {
          assert.deepStrictEqual(yield* asked(1, hundred(url)), { admitted: share, refused: 100 - share })
        }
      }),
    longest
  )
})
