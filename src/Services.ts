import { Effect, Layer } from "effect"
import { AppConfig } from "./layers/AppConfig.ts"
import { Database } from "./layers/Database.ts"
import { IdentityProvider } from "./layers/IdentityProvider.ts"
import { Migrations } from "./layers/Migrations.ts"
import { Redis } from "./layers/Redis.ts"
import { About } from "./services/About.ts"
import { ApiKeys } from "./services/ApiKeys.ts"
import { signInServices } from "./services/auth/SignInServices.ts"
import { Cursors } from "./services/Cursors.ts"
import { DatabaseHealth } from "./services/DatabaseHealth.ts"
import { Idempotency } from "./services/Idempotency.ts"
import { Identities } from "./services/Identities.ts"
import { Ids } from "./services/Ids.ts"
import { miningServices } from "./services/mining/MiningServices.ts"
import { Posts } from "./services/Posts.ts"
import { RateLimiter } from "./services/RateLimiter.ts"
import { Readiness } from "./services/Readiness.ts"
import { Secrets } from "./services/Secrets.ts"
import { Teams } from "./services/Teams.ts"

/** Services of teams, their keys and their resources. They need only `SqlClient`. */
export const TeamServices = Layer.unwrap(
  Effect.map(AppConfig, ({ apiKeys: { cacheSeconds, previousSecret, secret } }) =>
    Layer.mergeAll(Teams.layer, ApiKeys.layer({ cacheSeconds }), Idempotency.layer, Cursors.layer).pipe(
      Layer.merge(Posts.layer),
      Layer.provideMerge(Layer.merge(Ids.layer, Secrets.layer({ current: secret, previous: previousSecret })))
    )
  )
)

/** Accounts of players, their sessions and sign-in, over `SqlClient` alone. */
export const PlayerServices = Layer.unwrap(
  Effect.map(AppConfig, ({ apiKeys: { cacheSeconds, previousSecret, secret }, mining: { network }, signIn }) =>
    signInServices({ cacheSeconds, network, publicUrl: signIn.publicUrl, acceptBip137: signIn.acceptBip137 }).pipe(
      Layer.provide(Layer.merge(Ids.layer, Secrets.layer({ current: secret, previous: previousSecret })))
    )
  )
)

/** All services. They receive infrastructure as plain effects. */
export const Services = Layer.unwrap(
  Effect.gen(function* () {
    const config = yield* AppConfig
    const database = yield* Database
    const redis = yield* Redis
    const { tokens } = yield* IdentityProvider
    const migrations = yield* Migrations
    return DatabaseHealth.layer({
      figures: database.figures,
      migration: migrations.newest,
      drift: migrations.drift
    }).pipe(
      Layer.provideMerge(
        Readiness.layer({
          database: database.probe,
          redis: redis.probe,
          requiresRedis: config.readiness.requiresRedis,
          timeoutMs: config.readiness.timeoutMs
        })
      ),
      Layer.merge(
        RateLimiter.layer({
          store: redis.admissions,
          budgetMs: config.rateLimit.budgetMs,
          replicas: config.rateLimit.replicas,
          maxKeys: config.rateLimit.maxKeys
        })
      ),
      Layer.merge(TeamServices),
      Layer.merge(PlayerServices),
      Layer.merge(
        miningServices({
          network: config.mining.network,
          isPublic: config.mining.publicMiners,
          // Without a pool, each read opens a connection.
          boardsEvery: config.database.pool ? "250 millis" : "1 second"
        })
      ),
      Layer.merge(Identities.layer(tokens)),
      Layer.merge(
        About.layer({
          version: config.appVersion,
          environment: config.environment,
          buildSha: config.buildSha,
          migration: migrations.newest
        })
      )
    )
  })
)
