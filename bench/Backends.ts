import { Effect } from "effect"
import { durable, throwawayPostgresWith } from "../test/support/ThrowawayPostgres.ts"
import { throwawayRedis } from "../test/support/ThrowawayRedis.ts"

/** High enough that no request is denied. */
export const ample = {
  TBG_RATE_LIMIT_REQUESTS: "1000000",
  TBG_RATE_LIMIT_KEY_REQUESTS: "1000000",
  TBG_RATE_LIMIT_WINDOW_SECONDS: "1"
}

/** A Postgres whose commits reach the disk. Figures from one without durability mean nothing. */
export const durablePostgres = throwawayPostgresWith({ settings: { ...durable, shared_buffers: "128MB" } })

/** Starts Postgres and Redis for this scope; returns the environment of a service or peer. */
export const backends = Effect.gen(function* () {
  const postgres = yield* durablePostgres
  const redis = yield* throwawayRedis()
  return {
    TBG_ENVIRONMENT: "test",
    TBG_DATABASE_URL: postgres.url,
    TBG_REDIS_URL: redis.url,
    TBG_SECRET_KEY: "what-the-keys-of-a-benchmark-are-hashed-with"
  }
})
