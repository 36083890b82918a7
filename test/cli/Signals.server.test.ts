import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { validSecret } from "../support/ConfigFrom.ts"
import { get, getUntil } from "../support/Http.ts"
import { freshDatabase } from "../support/TestDatabase.ts"
import { testProcess } from "../support/TestProcess.ts"
import { throwawayRedis } from "../support/ThrowawayRedis.ts"

describe("signal handling", () => {
  it.live("drains on SIGHUP as on SIGTERM, and exits with 0", () =>
    Effect.gen(function* () {
      const service = yield* testProcess({ TBG_ENVIRONMENT: "test", TBG_SHUTDOWN_DELAY_MS: "500" })
      yield* service.signal("SIGHUP")
      assert.propertyVal((yield* getUntil(`${service.url}/ready`, 503)).body, "status", "draining")
      assert.strictEqual((yield* get(`${service.url}/health`)).status, 200)
      assert.deepStrictEqual(yield* service.exit, { code: 0, signal: null })
    })
  )

  it.live("opens no inspector on SIGUSR1 in production", () =>
    Effect.gen(function* () {
      const redis = yield* throwawayRedis()
      const service = yield* testProcess({
        TBG_ENVIRONMENT: "production",
        TBG_DATABASE_URL: Redacted.value((yield* freshDatabase).url),
        TBG_REDIS_URL: redis.url,
        TBG_SECRET_KEY: validSecret,
        TBG_PUBLIC_URL: "https://game.example.com",
        TBG_BASELINE_POLICY: "create",
        TBG_SHUTDOWN_DELAY_MS: "0"
      })
      yield* service.signal("SIGUSR1")
      assert.strictEqual((yield* get(`${service.url}/health`)).status, 200)
      // The signal takes effect before the drain ends.
      yield* service.signal("SIGTERM")
      assert.deepStrictEqual(yield* service.exit, { code: 0, signal: null })
      assert.notInclude(yield* service.output, "Debugger")
    })
  )
})
