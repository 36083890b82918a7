import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Ref } from "effect"
import { TestClock } from "effect/testing"
import { Startup } from "../src/App.ts"
import { DependencyDown } from "../src/domain/Dependency.ts"
import { AppConfig } from "../src/layers/AppConfig.ts"
import { Migrations } from "../src/layers/Migrations.ts"
import { MigrationRefused } from "../src/layers/migrations/Refusal.ts"
import { ranNothing } from "../src/layers/migrations/Run.ts"
import { capturedLogs } from "./support/CapturedLogs.ts"
import { validSecret } from "./support/ConfigFrom.ts"
import { secretsOf } from "./support/MigratedServices.ts"
import { unreachableDatabase } from "./support/UnreachableDatabase.ts"
import { mockDatabase } from "./support/MockLayers.ts"

const unreachable = new DependencyDown({ fault: "unreachable" })
const refusal = new DependencyDown({ fault: "denied" })

/** Fails with one error after another, then succeeds; counts its runs. */
const failing = <E, A>(failures: ReadonlyArray<E>, value: A) =>
  Effect.map(Ref.make(0), (asked) => ({
    asked: Ref.get(asked),
    effect: Effect.flatMap(
      Ref.getAndUpdate(asked, (times) => times + 1),
      (times) => {
        const failure = failures[times]
        return failure === undefined ? Effect.succeed(value) : Effect.fail(failure)
      }
    )
  }))

const startWith = (migrations: Partial<Migrations["Service"]>, variables: Record<string, string> = {}) =>
  Layer.build(
    Startup.pipe(
      Layer.provide([mockDatabase(), Layer.mock(Migrations, migrations), unreachableDatabase, secretsOf(validSecret)]),
      Layer.provide(AppConfig.layerFrom({ TBG_ENVIRONMENT: "test", TBG_DRIFT_INTERVAL_SECONDS: "0", ...variables }))
    )
  )

describe("startup", () => {
  it.effect("waits again if the database goes away after its first answer and before the migrations", () =>
    Effect.gen(function* () {
      const logs = yield* capturedLogs
      const up = yield* failing([unreachable, unreachable], ranNothing)
      const start = yield* Effect.forkChild(Effect.provide(startWith({ up: up.effect }), logs.layer))
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.join(start)
      assert.strictEqual(yield* up.asked, 3)
      assert.deepStrictEqual(
        logs.warnings(),
        Array.from({ length: 2 }, () => "Postgres unavailable; retrying")
      )
    })
  )

  it.effect("gives up on an unstable database when the start timeout has passed", () =>
    Effect.gen(function* () {
      const up = Effect.fail(unreachable)
      const start = yield* Effect.forkChild(Effect.flip(startWith({ up }, { TBG_DATABASE_START_TIMEOUT_MS: "3000" })))
      yield* TestClock.adjust("4 seconds")
      const error = yield* Fiber.join(start)
      assert.strictEqual(error._tag, "DatabaseUnavailable")
      assert.match(error.message, /^Postgres \S.* unreachable: no connection \(retried for 3 s\); start Postgres/)
    })
  )

  it.effect.each(["denied", "missing"] as const)("fails immediately and names the fix if the database is %s", (fault) =>
    Effect.gen(function* () {
      const logs = yield* capturedLogs
      const up = Effect.fail(new DependencyDown({ fault }))
      const error = yield* Effect.provide(Effect.flip(startWith({ up })), logs.layer)
      assert.strictEqual(error._tag, "DatabaseUnavailable")
      assert.match(error.message, new RegExp(`^Postgres \\S.* ${fault}: .*; .*TBG_DATABASE_URL$`))
      assert.deepStrictEqual(logs.warnings(), [])
    })
  )

  it.effect("fails immediately and reports how to fix the connection", () =>
    Effect.gen(function* () {
      const detail = { problem: "not trusted", fix: "set sslrootcert" }
      const up = Effect.fail(new DependencyDown({ fault: "unreachable", detail }))
      assert.match((yield* Effect.flip(startWith({ up }))).message, / unreachable: not trusted; set sslrootcert$/)
    })
  )

  it.effect("does not interrupt migrations that take longer than the start timeout", () =>
    Effect.gen(function* () {
      const up = Effect.delay(Effect.succeed(ranNothing), "10 seconds")
      const start = yield* Effect.forkChild(startWith({ up }, { TBG_DATABASE_START_TIMEOUT_MS: "3000" }))
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.join(start)
    })
  )

  it.effect("ends immediately with the reason if migrations are refused", () =>
    Effect.gen(function* () {
      const up = Effect.fail(new MigrationRefused({ message: "migrations: no" }))
      assert.strictEqual((yield* Effect.flip(startWith({ up }))).message, "migrations: no")
    })
  )
})

describe("startup when a separate job migrates", () => {
  it.effect("logs a failure to read the schema once per reason", () =>
    Effect.gen(function* () {
      const logs = yield* capturedLogs
      const denied = new MigrationRefused({ message: "migrations: permission denied" })
      const look = { differences: [], fingerprint: "" }
      const refresh = yield* failing([unreachable, unreachable, refusal, denied, denied], look)
      const newest = yield* failing([], "0001_baseline")
      const migrations = { refresh: refresh.effect, newest: newest.effect }
      const variables = { TBG_MIGRATE_ON_START: "false" }
      yield* Effect.provide(startWith(migrations, variables), logs.layer)
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(yield* refresh.asked, 6)
      assert.strictEqual(yield* newest.asked, 1)
      assert.deepStrictEqual(
        logs.warnings(),
        Array.from({ length: 3 }, () => "schema unreadable; retrying")
      )
    })
  )
})
