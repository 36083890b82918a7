import { NodeServices } from "@effect/platform-node"
import { assert, describe, it, layer } from "@effect/vitest"
import { Cause, Context, Effect, Exit, Layer } from "effect"
import * as Runtime from "effect/Runtime"
import { Command } from "effect/cli"
import { TestConsole } from "effect/testing"
import { ExitWith, describeFailure } from "../../src/cli/CommandParts.ts"
import { Tbg } from "../../src/cli/Tbg.ts"
import { testServer } from "../support/TestServer.ts"

const tbg = (...args: ReadonlyArray<string>) =>
  Command.runWith(Tbg, { version: "1.2.3" })(args).pipe(Effect.provide(NodeServices.layer))

const printed = Effect.map(TestConsole.logLines, (lines) => lines.join("\n"))

/** Address of one service for several tests. */
class Address extends Context.Service<Address, string>()("tbg-api/test/cli/Tbg/Address") {
  static readonly layer = Layer.effect(Address, testServer())
}

describe("commands run in this process", () => {
  it.effect("print the configuration as a table of variables, values and sources", () =>
    Effect.gen(function* () {
      yield* tbg("config")
      assert.match(yield* printed, /^TBG_ENVIRONMENT +development +default$/m)
    })
  )

  it.effect("print the configuration entries as JSON", () =>
    Effect.gen(function* () {
      yield* tbg("config", "--json")
      assert.deepInclude(JSON.parse(yield* printed), { variable: "TBG_PORT", value: "8000", source: "default" })
    })
  )

  it.effect("print the OpenAPI document", () =>
    Effect.gen(function* () {
      yield* tbg("openapi")
      assert.match(JSON.parse(yield* printed).openapi, /^3\.1/)
    })
  )

  layer(Address.layer)((it) => {
    it.effect("report a healthy service", () =>
      Effect.gen(function* () {
        const service = yield* Address
        yield* tbg("healthcheck", "--url", `${service}/health`)
        assert.strictEqual((yield* TestConsole.logLines).at(-1), "healthy")
      })
    )

    it.effect("exit healthcheck with 1 if the service does not answer with 200", () =>
      Effect.gen(function* () {
        const service = yield* Address
        for (const url of ["http://127.0.0.1:1/health", `${service}/nowhere`]) {
          const error = yield* Effect.flip(tbg("healthcheck", "--url", url))
          assert.instanceOf(error, ExitWith)
          assert.strictEqual(Runtime.getErrorExitCode(error), 1)
        }
        assert.deepStrictEqual(yield* TestConsole.errorLines, ["unhealthy: no connection", "unhealthy: status 404"])
      })
    )
  })
})

describe("describeFailure", () => {
  it("returns the message of an expected failure", () => {
    assert.strictEqual(describeFailure(Cause.fail(new ExitWith({ code: 3 }))), "")
  })

  it("returns the full cause of an unexpected failure", () => {
    assert.match(describeFailure(Cause.die(new Error("boom"))), /Error: boom\n +at /)
  })

  it("keeps the exit code of the failure", () => {
    const exit = Exit.fail(new ExitWith({ code: 3 }))
    let code = 0
    Runtime.defaultTeardown(exit, (ended) => (code = ended))
    assert.strictEqual(code, 3)
  })
})
