import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { reachable } from "../../src/cli/Healthcheck.ts"
import { programResult, testProcess } from "../support/TestProcess.ts"

const commands = [
  "serve",
  "migrate",
  "teams",
  "keys",
  "seed",
  "purge",
  "limits",
  "doctor",
  "config",
  "openapi",
  "healthcheck"
]

describe("tbg", () => {
  it.live("lists its commands", () =>
    Effect.gen(function* () {
      const { code, stdout } = yield* programResult(["--help"])
      assert.strictEqual(code, 0)
      for (const command of commands) assert.match(stdout, new RegExp(`^ +${command} `, "m"))
    })
  )

  it.live.each(commands)("%s has help", (command) =>
    Effect.gen(function* () {
      const { code, stdout } = yield* programResult([command, "--help"])
      assert.strictEqual(code, 0)
      assert.include(stdout, `tbg ${command}`)
    })
  )

  it.live.each<[ReadonlyArray<string>, string]>([
    [["serv"], '"serv": no such command; did you mean serve?\nsee tbg --help\n'],
    [["keys", "create"], "--team: missing\nsee tbg keys create --help\n"],
    [["teams", "create"], "NAME: missing\nsee tbg teams create --help\n"],
    [["teams", "list", "all"], '"all": unexpected argument\nsee tbg teams list --help\n'],
    [["seed", "--post", "1"], '"--post": no such flag; did you mean --posts?\nsee tbg seed --help\n'],
    [["openapi", "--surface", "x"], '--surface "x": expected "all" | "v1"\nsee tbg openapi --help\n'],
    [["keys", "create", "--team", "a", "--team", "b"], "--team: given 2 times\nsee tbg keys create --help\n"],
    [["a\u009b31m\u007f"], '"a\\u009b31m\\u007f": no such command\nsee tbg --help\n'],
    [["keys"], "tbg keys: expected one of create, list, revoke\nsee tbg keys --help\n"],
    [["teams"], "tbg teams: expected one of create, list\nsee tbg teams --help\n"],
    [["limits"], "tbg limits: expected one of inspect, reset\nsee tbg limits --help\n"],
    [["migrate"], "tbg migrate: expected one of up, down, status, check, plan, repair, new\nsee tbg migrate --help\n"],
    [["--log-level", "debug"], '"--log-level": no such flag\n"debug": no such command\nsee tbg --help\n']
  ])("refuses %s with code 64, says why and where the help is, and prints nothing on stdout", ([args, said]) =>
    Effect.gen(function* () {
      const { code, stderr, stdout } = yield* programResult(args)
      assert.deepStrictEqual([code, stdout, stderr], [64, "", said])
    })
  )

  it.live("config prints each value, redacted, and where it came from", () =>
    Effect.gen(function* () {
      const { code, stdout } = yield* programResult(["config", "--json"], { TBG_PORT: "8123" })
      assert.strictEqual(code, 0)
      const entries: ReadonlyArray<unknown> = JSON.parse(stdout)
      assert.deepInclude(entries, { variable: "TBG_PORT", value: "8123", source: "environment" })
      assert.deepInclude(entries, { variable: "TBG_HOST", value: "0.0.0.0", source: "default" })
    })
  )

  it.live("openapi prints the document of a surface", () =>
    Effect.gen(function* () {
      const { code, stdout } = yield* programResult(["openapi", "--surface", "v1"])
      assert.strictEqual(code, 0)
      const paths = Object.keys(JSON.parse(stdout).paths)
      assert.includeMembers(paths, ["/v1/healthz", "/v1/limits", "/v1/teams/{team}/posts"])
      assert.isTrue(paths.every((path) => path.startsWith("/v1/")))
    })
  )

  it.live("healthcheck tells a service that lives from one that does not", () =>
    Effect.gen(function* () {
      const service = yield* testProcess({ TBG_ENVIRONMENT: "test" })
      const alive = yield* programResult(["healthcheck", "--url", `${service.url}/health`])
      assert.deepStrictEqual([alive.code, alive.stdout], [0, "healthy\n"])
      const own = yield* programResult(["healthcheck"], { TBG_PORT: String(service.port) })
      assert.strictEqual(own.code, 0)
      const misused = yield* programResult(["healthcheck", "--url", "ftp://nowhere"])
      assert.deepStrictEqual([misused.code, misused.stderr], [1, "unhealthy: not an http:// or https:// URL\n"])
      const dead = yield* programResult(["healthcheck", "--url", "http://127.0.0.1:1/health"])
      assert.deepStrictEqual([dead.code, dead.stderr], [1, "unhealthy: no connection\n"])
    })
  )

  it.live.each(["127.0.0.2", "::1", "localhost", "::"])(
    "healthcheck connects to the service's own address and ignores proxies: %s",
    (host) =>
      Effect.gen(function* () {
        const service = yield* testProcess({ TBG_ENVIRONMENT: "test", TBG_HOST: host })
        const nowhere = "http://127.0.0.1:1"
        const proxy = { NODE_USE_ENV_PROXY: "1", HTTP_PROXY: nowhere, http_proxy: nowhere, NO_PROXY: "", no_proxy: "" }
        const own = { TBG_HOST: host, TBG_PORT: String(service.port), ...proxy }
        assert.deepStrictEqual((yield* programResult(["healthcheck"], own)).stdout, "healthy\n")
        const given = yield* programResult(["healthcheck", "--url", `${service.url}/health`], proxy)
        assert.deepStrictEqual(given.stdout, "healthy\n")
      })
  )

  it.each([
    ["0.0.0.0", "127.0.0.1"],
    ["0", "127.0.0.1"],
    ["::", "::1"],
    ["0:0:0:0:0:0:0:0", "::1"],
    ["::1", "::1"],
    ["127.0.0.2", "127.0.0.2"],
    ["fe80::1%eth0", "fe80::1%eth0"],
    ["localhost", "localhost"]
  ])("healthcheck reaches a service that listens on %s at %s", (host, address) => {
    assert.strictEqual(reachable(host), address)
  })
})
