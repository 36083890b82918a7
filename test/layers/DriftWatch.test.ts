import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Ref } from "effect"
import { TestClock } from "effect/testing"
import { Migrations } from "../../src/layers/Migrations.ts"
import { watchDrift } from "../../src/layers/migrations/DriftWatch.ts"
import { MigrationRefused } from "../../src/layers/migrations/Refusal.ts"
import { capturedLogs } from "../support/CapturedLogs.ts"

describe("the periodic drift check", () => {
  it.effect("continues after a failure, and logs an unexpected one", () =>
    Effect.gen(function* () {
      const logs = yield* capturedLogs
      const looks = yield* Ref.make(0)
      const refused = Effect.fail(new MigrationRefused({ message: "migrations: permission denied" }))
      const outcomes = [refused, Effect.die("a surprise"), Effect.succeed(true)]
      const refreshAlone = Effect.flatMap(
        Ref.getAndUpdate(looks, (count) => count + 1),
        (count) => outcomes[count] ?? Effect.succeed(true)
      )
      yield* watchDrift(300).pipe(Effect.provide(Layer.mock(Migrations, { refreshAlone })), Effect.provide(logs.layer))
      yield* TestClock.adjust("20 minutes")
      assert.strictEqual(yield* Ref.get(looks), 4)
      assert.strictEqual(logs.entries.length, 1)
    })
  )
})
