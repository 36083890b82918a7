import { assert, describe, it } from "@effect/vitest"
import { Config, Effect } from "effect"
import { SqlClient } from "effect/sql"
import { getUntil } from "../support/Http.ts"
import { checkIntervalMs, haproxy, loadBalancer } from "../support/LoadBalancer.ts"
import { steadyCaller } from "../support/SteadyCaller.ts"
import type { LimitedAnswer, SteadyCallerOptions } from "../support/SteadyCaller.ts"
import { freshDatabase, testClient } from "../support/TestDatabase.ts"
import { teamsIn, teamVariables } from "../support/TeamServer.ts"
import { testProcess } from "../support/TestProcess.ts"
import { freePort } from "../support/throwaway/ServerProcess.ts"
import { throwawayRedis } from "../support/ThrowawayRedis.ts"

/** Number of rounds; `make test-long` sets it. */
const repetitions = Config.withDefault(Config.Int("TBG_TEST_REPEAT"), 1)
const longest = 1_800_000

const limit = 100
const path = "/v1/teams/alpha/posts"

/** Three replicas on one database and Redis behind a load balancer, with an effect that restarts one on its port. */
const threeReplicas = Effect.gen(function* () {
  const { url } = yield* freshDatabase
  const redis = yield* throwawayRedis()
  const variables = {
    ...teamVariables(url),
    TBG_REDIS_URL: redis.url,
    TBG_RATE_LIMIT_MODE: "enforce",
    TBG_RATE_LIMIT_KEY_REQUESTS: String(limit),
    // Longer than any run, so that admitted requests can be counted.
    TBG_RATE_LIMIT_WINDOW_SECONDS: "3600",
    // Two busy cores are slow, and a limiter that gives up on Redis counts in process.
    TBG_RATE_LIMIT_BUDGET_MS: "5000",
    TBG_TRUSTED_PROXIES: "127.0.0.1",
    // More than twice the load balancer's detection time, as its configuration requires.
    TBG_SHUTDOWN_DELAY_MS: String(checkIntervalMs * 8)
  }
  // Another process may take the port between two starts.
  const startedOn = (port: number) => Effect.retry(testProcess({ ...variables, TBG_PORT: String(port) }), { times: 3 })
  const started = Effect.flatMap(freePort, startedOn)
  const replicas = [yield* started, ...(yield* Effect.all([started, started], { concurrency: 2 }))]
  const balancer = yield* loadBalancer(replicas.map(({ port }) => port))
  return { url, startedOn, replicas, balancer, ...(yield* teamsIn(url)) }
})

/** Each key counts down from the limit by one per request on any replica, then gets 429. */
const assertLimited = (answers: ReadonlyArray<LimitedAnswer>, wanted: number) => {
  assert.deepStrictEqual(
    answers.map(({ remaining }) => remaining),
    answers.map((_, index) => Math.max(0, limit - 1 - index))
  )
  assert.deepStrictEqual(
    answers.map(({ status }) => status),
    answers.map((_, index) => (index < limit ? wanted : 429))
  )
}

const reason = haproxy.isMissing ? ` (skipped without ${haproxy.reason})` : ""

describe.skipIf(haproxy.isMissing)(`rolling restart of three replicas behind HAProxy${reason}`, () => {
  it.live(
    "fails no request under load, and keeps the rate limit exact",
    () =>
      Effect.gen(function* () {
        const { alpha, balancer, newKey, replicas, startedOn, url } = yield* threeReplicas
        const caller = (options: Partial<SteadyCallerOptions> = {}) =>
          steadyCaller({
            port: balancer.port,
            method: "GET",
            path: `${path}?limit=1`,
            keepsAlive: true,
            key: Effect.orDie(Effect.map(newKey(alpha), ({ token }) => token)),
            requestsPerKey: limit / 2,
            ...options
          })
        const reading = [
          yield* caller(),
          yield* caller({ keepsAlive: false }),
          // Asks for twice as much as the limit.
          yield* caller({ requestsPerKey: 2 * limit })
        ]
        const writing = yield* Effect.replicateEffect(caller({ method: "POST", path }), 6)

        for (let round = 0; round < (yield* repetitions); round++) {
          for (const [index, replica] of replicas.entries()) {
            yield* replica.signal("SIGTERM")
            assert.deepStrictEqual(yield* replica.exit, { code: 0, signal: null })
            replicas[index] = yield* startedOn(replica.port)
            yield* getUntil(`${replica.url}/ready`, 200)
          }
        }

        const read = yield* Effect.all(reading)
        const written = yield* Effect.all(writing)
        const failures = [...read, ...written].flatMap((caller) => caller.failures)
        assert.deepStrictEqual(failures, [])
        for (const answers of read.flatMap(({ keys }) => keys)) assertLimited(answers, 200)
        const posts = written.flatMap(({ keys }) => keys)
        for (const answers of posts) assertLimited(answers, 201)
        assert.isAbove(read[2]?.keys[0]?.length ?? 0, limit)
        const requests = [...read, ...written].flatMap(({ keys }) => keys.flat()).length
        yield* Effect.log(`${requests} requests, none failed`)
        // No POST was lost or executed twice.
        const count = Effect.flatMap(
          SqlClient.SqlClient,
          (sql) => sql<{ count: number }>`SELECT count(*)::int AS count FROM tbg_api.posts`
        )
        const rows = yield* Effect.provide(count, testClient(url))
        assert.deepStrictEqual(rows, [{ count: posts.flat().length }])
        const answered = yield* balancer.answered
        assert.strictEqual(answered.length, 3)
        for (const count of answered) assert.isAbove(count, requests / 10)
      }),
    longest
  )
})
