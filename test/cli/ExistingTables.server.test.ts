import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { existingDatabase } from "../support/Catalog.ts"
import { plainCatalog } from "../support/CatalogFixture.ts"
import { fingerprint } from "../support/Fingerprint.ts"
import { get } from "../support/Http.ts"
import { latestMigration } from "../support/OwnMigrations.ts"
import { freshDatabase, testClient } from "../support/TestDatabase.ts"
import { testProcess } from "../support/TestProcess.ts"
import { throwawayRedis } from "../support/ThrowawayRedis.ts"

describe("the service on an existing database of another service", () => {
  it.live("reports its state correctly, and leaves its tables and rows unchanged", () =>
    Effect.gen(function* () {
      const { url } = yield* freshDatabase
      const redis = yield* throwawayRedis()
      const database = testClient(url)
      yield* Effect.provide(existingDatabase(plainCatalog), database)
      const before = yield* Effect.provide(fingerprint, database)

      const service = yield* testProcess({
        TBG_ENVIRONMENT: "production",
        TBG_SECRET_KEY: "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978",
        TBG_DATABASE_URL: Redacted.value(url),
        TBG_REDIS_URL: redis.url,
        TBG_PUBLIC_URL: "https://game.example.com"
      })
      assert.deepStrictEqual((yield* get(`${service.url}/ready`)).body, {
        status: "ready",
        checks: { database: "ok", redis: "ok" }
      })
      const version = yield* get(`${service.url}/version`)
      assert.propertyVal(version.body, "schema", yield* latestMigration)
      assert.propertyVal(version.body, "environment", "production")
      const health = yield* get(`${service.url}/health/db`)
      assert.strictEqual(health.status, 200)
      assert.propertyVal(health.body, "status", "healthy")
      assert.propertyVal(health.body, "migration", yield* latestMigration)
      assert.propertyVal(health.body, "drift", "none")
      // Boards and live updates read in the background, so there may be more than one session.
      assert.isAtLeast(Object(health.body).pool.total, 1)

      assert.deepStrictEqual(yield* Effect.provide(fingerprint, database), before)
    })
  )
})
