import { Effect } from "effect"
import { durable, throwawayPostgresWith } from "../test/support/ThrowawayPostgres.ts"
import { throwawayRedis } from "../test/support/ThrowawayRedis.ts"

/** High enough that no request is denied. */
export const ample = {
  TBG_RATE_LIMIT_REQUESTS: "1000000",
  TBG_RATE_LIMIT_KEY_REQUESTS: "1000000",
  TBG_RATE_LIMIT_WINDOW_SECONDS: "1"
}

/** Postgres with durable commits, because figures without durability are meaningless. */
export const durablePostgres = throwawayPostgresWith({ settings: { ...durable, shared_buffers: "128MB" } })

/** Starts Postgres and Redis for this scope; returns the environment of a service or peer. */
export const backends = Effect.gen(function* () {
  const postgres = yield* durablePostgres
  const redis = yield* throwawayRedis()
  return {
    TBG_ENVIRONMENT: "test",
    TBG_DATABASE_URL: postgres.url,
    TBG_REDIS_URL: redis.url,
    TBG_SECRET_KEY: "a-secret-that-only-benchmarks-use"
  }
})
