import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { get } from "../support/Http.ts"
import { programResult, testProcess } from "../support/TestProcess.ts"
import { throwawayPostgres } from "../support/ThrowawayPostgres.ts"
import { throwawayRedis } from "../support/ThrowawayRedis.ts"

const canary = "c4n4ry-p4ssw0rd"

/** URLs for each state of the two servers; every URL contains the canary. */
const urls = Effect.gen(function* () {
  const postgres = yield* throwawayPostgres
  const redis = yield* throwawayRedis({ password: "right" })
  const database = new URL(postgres.url)
  database.password = canary
  return {
    refused: { TBG_DATABASE_URL: database.href, TBG_REDIS_URL: `redis://:${canary}@${redis.host}:${redis.port}` },
    down: {
      TBG_DATABASE_URL: `postgresql://user:${canary}@127.0.0.1:1/db`,
      TBG_REDIS_URL: `redis://:${canary}@127.0.0.1:1`
    }
  }
})

const paths = ["/health", "/ready", "/version", "/health/db", "/api/v1/public/health/ready", "/v1/healthz"]

describe("a password in a URL", () => {
  it.live("appears in no body and no log line while the servers are down or reject it", () =>
    Effect.gen(function* () {
      const { down, refused } = yield* urls
      for (const variables of [down, refused]) {
        const service = yield* testProcess({
          TBG_ENVIRONMENT: "test",
          TBG_LOG_LEVEL: "DEBUG",
          TBG_MIGRATE_ON_START: "false",
          ...variables
        })
        const bodies = yield* Effect.all(paths.map((path) => get(`${service.url}${path}`)))
        assert.notInclude(JSON.stringify(bodies), canary)
        yield* service.signal("SIGTERM")
        yield* service.exit
        assert.include(yield* service.output, "listening")
        assert.notInclude(yield* service.output, canary)
      }
    })
  )

  it.live("is reported as rejected, without details", () =>
    Effect.gen(function* () {
      const { refused } = yield* urls
      const service = yield* testProcess({ TBG_ENVIRONMENT: "test", TBG_MIGRATE_ON_START: "false", ...refused })
      assert.deepStrictEqual((yield* get(`${service.url}/ready`)).body, {
        status: "degraded",
        checks: { database: "error: denied", redis: "error: denied" }
      })
    })
  )

  it.live("does not appear if startup gives up or the URL cannot be parsed", () =>
    Effect.gen(function* () {
      const { down } = yield* urls
      const outcomes = yield* Effect.all([
        programResult(["serve"], { ...down, TBG_DATABASE_START_TIMEOUT_MS: "300", TBG_LOG_LEVEL: "DEBUG" }),
        programResult(["serve"], { TBG_DATABASE_URL: `postgresql://user:${canary}@host:port:5432/db` }),
        programResult(["serve"], { TBG_REDIS_URL: `redis://:${canary}@ho st` }),
        programResult(["config"], down),
        programResult(["config", "--json"], down)
      ])
      assert.deepStrictEqual(
        outcomes.map(({ code }) => code),
        [69, 78, 78, 0, 0]
      )
      assert.notInclude(JSON.stringify(outcomes), canary)
    })
  )
})
