import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit } from "effect"
import * as Runtime from "effect/Runtime"
import { Command } from "effect/cli"
import { TestConsole } from "effect/testing"
import { ExitWith, describeFailure } from "../../src/cli/CommandErrors.ts"
import { Tbg } from "../../src/cli/Tbg.ts"
import { testServer } from "../support/TestServer.ts"

const tbg = (...args: ReadonlyArray<string>) =>
  Command.runWith(Tbg, { version: "1.2.3" })(args).pipe(Effect.provide(NodeServices.layer))

const printed = Effect.map(TestConsole.logLines, (lines) => lines.join("\n"))

describe("the commands, in this process", () => {
  it.effect("config prints a table of variables, values and sources", () =>
    Effect.gen(function* () {
      yield* tbg("config")
      assert.match(yield* printed, /^TBG_ENVIRONMENT +development +default$/m)
    })
  )

  it.effect("config --json prints entries", () =>
    Effect.gen(function* () {
      yield* tbg("config", "--json")
      assert.deepInclude(JSON.parse(yield* printed), { variable: "TBG_PORT", value: "8000", source: "default" })
    })
  )

  it.effect("openapi prints the document", () =>
    Effect.gen(function* () {
      yield* tbg("openapi")
      assert.match(JSON.parse(yield* printed).openapi, /^3\.1/)
    })
  )

  it.effect("healthcheck says healthy of a service that lives", () =>
    Effect.gen(function* () {
      const service = yield* testServer()
      yield* tbg("healthcheck", "--url", `${service}/health`)
      assert.strictEqual((yield* TestConsole.logLines).at(-1), "healthy")
    })
  )

  it.effect("healthcheck ends with code 1 for a service that does not answer, or not with 200", () =>
    Effect.gen(function* () {
      const service = yield* testServer()
      for (const url of ["http://127.0.0.1:1/health", `${service}/nowhere`]) {
        const error = yield* Effect.flip(tbg("healthcheck", "--url", url))
        assert.instanceOf(error, ExitWith)
        assert.strictEqual(Runtime.getErrorExitCode(error), 1)
      }
      assert.deepStrictEqual(yield* TestConsole.errorLines, ["unhealthy: no connection", "unhealthy: status 404"])
    })
  )
})

describe("describeFailure", () => {
  it("is the message of a failure that was foreseen", () => {
    assert.strictEqual(describeFailure(Cause.fail(new ExitWith({ code: 3 }))), "")
  })

  it("is everything that is known of one that was not", () => {
    assert.match(describeFailure(Cause.die(new Error("boom"))), /Error: boom\n +at /)
  })

  it("ends as its code says", () => {
    const exit = Exit.fail(new ExitWith({ code: 3 }))
    let code = 0
    Runtime.defaultTeardown(exit, (ended) => (code = ended))
    assert.strictEqual(code, 3)
  })
})
