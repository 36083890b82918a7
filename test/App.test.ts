import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Services } from "../src/Services.ts"
import { DependencyDown } from "../src/domain/Dependency.ts"
import { AppConfig } from "../src/layers/AppConfig.ts"
import type { Database } from "../src/layers/Database.ts"
import { Migrations } from "../src/layers/Migrations.ts"
import type { Redis } from "../src/layers/Redis.ts"
import { About } from "../src/services/About.ts"
import { DatabaseHealth } from "../src/services/DatabaseHealth.ts"
import { Readiness } from "../src/services/Readiness.ts"
import { unreachableDatabase } from "./support/UnreachableDatabase.ts"
import { mockDatabase, mockRedis, noIdentityProvider } from "./support/MockLayers.ts"

const migrations = Layer.mock(Migrations, {
  newest: Effect.succeed("0001_baseline"),
  drift: Effect.succeed("detected" as const)
})

const down = Effect.fail(new DependencyDown({ fault: "denied" }))

/** The services over mock infrastructure, composed as in `App.ts`. */
const servicesOver = (infrastructure: Layer.Layer<Database | Redis>, variables: Record<string, string> = {}) =>
  Services.pipe(
    Layer.provide(Layer.mergeAll(infrastructure, migrations, noIdentityProvider, unreachableDatabase)),
    Layer.provide(AppConfig.layerFrom({ TBG_ENVIRONMENT: "test", ...variables }))
  )

describe("Services", () => {
  it.effect("probe the database and Redis through their layers", () =>
    Effect.gen(function* () {
      const readiness = yield* Readiness
      assert.deepStrictEqual(yield* readiness.report, {
        ready: false,
        status: "degraded",
        checks: { database: "error: denied", redis: "ok" }
      })
    }).pipe(Effect.provide(servicesOver(Layer.merge(mockDatabase(down), mockRedis()))))
  )

  it.effect("require Redis for readiness if the configuration says so", () =>
    Effect.gen(function* () {
      const readiness = yield* Readiness
      assert.strictEqual((yield* readiness.report).ready, false)
    }).pipe(
      Effect.provide(servicesOver(Layer.merge(mockDatabase(), mockRedis(down)), { TBG_READY_REQUIRES_REDIS: "true" }))
    )
  )

  it.effect("report the schema version and drift that the migrations found", () =>
    Effect.gen(function* () {
      const report = yield* (yield* DatabaseHealth).report
      assert.strictEqual(report.migration, "0001_baseline")
      assert.strictEqual(report.drift, "detected")
      assert.strictEqual((yield* (yield* About).now).schema, "0001_baseline")
    }).pipe(Effect.provide(servicesOver(Layer.merge(mockDatabase(), mockRedis()))))
  )
})
