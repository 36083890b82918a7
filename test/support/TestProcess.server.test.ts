import { assert, describe, it } from "@effect/vitest"
import { Effect, Scope } from "effect"
import { closed, reply, testSocket } from "./TestSocket.ts"
import { programResult, testProcess } from "./TestProcess.ts"

describe("testProcess", () => {
  it.effect("listens at its port, and ends with the code that its signal leads to", () =>
    Effect.gen(function* () {
      const service = yield* testProcess()
      assert.include(yield* reply(service.port, "GET /health HTTP/1.0\r\nHost: localhost\r\n"), "200 OK")
      yield* service.signal("SIGTERM")
      assert.deepStrictEqual(yield* service.exit, { code: 0, signal: null })
      assert.include(yield* service.output, `"message":"listening"`)
    })
  )

  it.effect("is gone at the end of the scope", () =>
    Effect.gen(function* () {
      const outer = yield* Effect.scope
      const socket = yield* Effect.scoped(
        Effect.flatMap(testProcess(), ({ port }) => Effect.provideService(testSocket(port), Scope.Scope, outer))
      )
      yield* closed(socket)
    })
  )

  it.effect("fails with what the program said when it ends before it listens", () =>
    Effect.gen(function* () {
      const failure = yield* Effect.flip(testProcess({ TBG_PORT: "none" }))
      assert.include(failure.message, "TBG_PORT")
    })
  )
})

describe("programResult", () => {
  it.effect("gives the exit code and both outputs", () =>
    Effect.gen(function* () {
      const { code, stderr, stdout } = yield* programResult(["openapi"])
      assert.deepStrictEqual({ code, stderr }, { code: 0, stderr: "" })
      assert.include(stdout, `"openapi"`)
    })
  )
})
