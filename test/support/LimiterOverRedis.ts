import { Effect, Layer } from "effect"
import { AppConfig } from "../../src/layers/AppConfig.ts"
import { Redis } from "../../src/layers/Redis.ts"
import { RateLimiter } from "../../src/services/RateLimiter.ts"

/** The limiter over a real Redis, composed as in `App.ts`, once Redis has responded. */
export const limiterOverRedis = (variables: Record<string, string>) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const { budgetMs, maxKeys, replicas } = (yield* AppConfig).rateLimit
      const { admissions, probe } = yield* Redis
      yield* Effect.orDie(probe)
      return RateLimiter.layer({ store: admissions, budgetMs, maxKeys, replicas })
    })
  ).pipe(
    Layer.provide(Redis.layer),
    Layer.provide(AppConfig.layerFrom({ TBG_ENVIRONMENT: "test", ...variables })),
    Layer.orDie
  )
