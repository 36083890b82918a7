import { assert, describe, it, vi } from "@effect/vitest"
import { Effect, Exit, Layer, Scope } from "effect"
import { TestClock } from "effect/testing"
import { Watchdog } from "../../src/cli/Serve.ts"
import { AppConfig } from "../../src/layers/AppConfig.ts"
import { capturedLogs } from "../support/CapturedLogs.ts"

const variables = { TBG_ENVIRONMENT: "test", TBG_SHUTDOWN_DELAY_MS: "2000", TBG_SHUTDOWN_TIMEOUT_MS: "3000" }

const exitSpy = Effect.acquireRelease(
  Effect.sync(() =>
    vi.spyOn(process, "exit").mockImplementation((): never => {
      throw new Error("the process ended")
    })
  ),
  (spy) => Effect.sync(() => spy.mockRestore())
)

describe("the shutdown watchdog", () => {
  it.effect("ends the process with exit code 1 one second after the delay and the timeout", () =>
    Effect.gen(function* () {
      const { entries, layer } = yield* capturedLogs
      yield* Effect.gen(function* () {
        const exit = yield* exitSpy
        const scope = yield* Scope.make()
        yield* Layer.buildWithScope(Watchdog.pipe(Layer.provide(AppConfig.layerFrom(variables))), scope)
        yield* Scope.close(scope, Exit.void)
        yield* TestClock.adjust("5999 millis")
        assert.deepStrictEqual(entries, [])
        yield* TestClock.adjust("200 millis")
        assert.deepStrictEqual(entries, [{ level: "Error", message: "shutdown takes too long; ending the process" }])
        assert.deepStrictEqual(exit.mock.calls, [[1]])
      }).pipe(Effect.provide(layer))
    }).pipe(Effect.scoped)
  )
})
