import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { httpStub, json } from "../support/HttpStub.ts"
import { programResult } from "../support/TestProcess.ts"

describe("tbg", () => {
  it.live("prints the reason for refusing a command on stderr, and exits with 64", () =>
    Effect.gen(function* () {
      const { code, stderr, stdout } = yield* programResult(["serv"])
      assert.deepStrictEqual(
        [code, stdout, stderr],
        [64, "", '"serv": no such command; did you mean serve?\nsee tbg --help\n']
      )
    })
  )

  it.live("prints each configuration value redacted, with its source", () =>
    Effect.gen(function* () {
      const { code, stdout } = yield* programResult(["config", "--json"], { TBG_PORT: "8123" })
      assert.strictEqual(code, 0)
      const entries: ReadonlyArray<unknown> = JSON.parse(stdout)
      assert.deepInclude(entries, { variable: "TBG_PORT", value: "8123", source: "environment" })
      assert.deepInclude(entries, { variable: "TBG_HOST", value: "0.0.0.0", source: "default" })
    })
  )

  it.live.each([
    ["127.0.0.2", true],
    ["::", false]
  ] as const)("checks the health of a service at %s without a proxy, with --url: %s", ([host, isGiven]) =>
    Effect.gen(function* () {
      const { port } = yield* httpStub(json({}), host)
      const nowhere = "http://127.0.0.1:1"
      const proxy = { NODE_USE_ENV_PROXY: "1", HTTP_PROXY: nowhere, http_proxy: nowhere, NO_PROXY: "", no_proxy: "" }
      const args = isGiven ? ["--url", `http://${host}:${port}/health`] : []
      const own = { TBG_HOST: isGiven ? "192.0.2.1" : host, TBG_PORT: String(port) }
      const { stdout } = yield* programResult(["healthcheck", ...args], { ...own, ...proxy })
      assert.strictEqual(stdout, "healthy\n")
    })
  )
})
