import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit } from "effect"
import { Command } from "effect/cli"
import * as Runtime from "effect/Runtime"
import { TestConsole } from "effect/testing"
import { describeFailure } from "../../src/cli/CommandParts.ts"
import { connectableHost } from "../../src/cli/Healthcheck.ts"
import { Tbg } from "../../src/cli/Tbg.ts"
import { exitOnMisuse, layer as usage } from "../../src/cli/Usage.ts"

const commands = [
  "serve",
  "migrate",
  "teams",
  "keys",
  "seed",
  "simulate",
  "purge",
  "limits",
  "doctor",
  "config",
  "openapi",
  "healthcheck"
]

/** A command in this process, as `main.ts` runs it: its exit code and what it printed. */
const run = Effect.fnUntraced(function* (args: ReadonlyArray<string>) {
  const exit = yield* Effect.exit(
    Command.runWith(Tbg, { version: "1.2.3" })(args).pipe(
      Effect.catchTag("ShowHelp", exitOnMisuse),
      Effect.provide([usage, NodeServices.layer])
    )
  )
  const cause = Exit.isFailure(exit) ? exit.cause : Cause.empty
  const isReported = !Exit.isFailure(exit) || !Runtime.getErrorReported(Cause.squash(cause))
  const errors = [...(yield* TestConsole.errorLines), ...(isReported ? [] : [describeFailure(cause)])]
  const code = Exit.isFailure(exit) ? Runtime.getErrorExitCode(Cause.squash(cause)) : 0
  return { code, stdout: (yield* TestConsole.logLines).join("\n"), stderr: errors.join("\n") }
})

describe("tbg", () => {
  it.effect("lists its commands", () =>
    Effect.gen(function* () {
      const { code, stdout } = yield* run(["--help"])
      assert.strictEqual(code, 0)
      for (const command of commands) assert.match(stdout, new RegExp(`^ +${command} `, "m"))
    })
  )

  it.effect.each(commands)("has help for %s", (command) =>
    Effect.gen(function* () {
      const { code, stdout } = yield* run([command, "--help"])
      assert.strictEqual(code, 0)
      assert.include(stdout, `tbg ${command}`)
    })
  )

  it.effect.each<[ReadonlyArray<string>, string]>([
    [["keys", "create"], "--team: missing\nsee tbg keys create --help"],
    [["teams", "create"], "NAME: missing\nsee tbg teams create --help"],
    [["teams", "list", "all"], '"all": unexpected argument\nsee tbg teams list --help'],
    [
      ["teams", "create", "No Team"],
      'NAME "No Team": expected 1 to 63 characters of a-z, 0-9, _ and -, starting with a letter or a digit\n' +
        "see tbg teams create --help"
    ],
    [
      ["keys", "create", "--team", "A b"],
      '--team "A b": expected 1 to 63 characters of a-z, 0-9, _ and -, starting with a letter or a digit\n' +
        "see tbg keys create --help"
    ],
    [["keys", "create", "--team", "a", "--label", ""], "--label: no value\nsee tbg keys create --help"],
    [
      ["keys", "create", "--team", "a", "--label", " "],
      '--label " ": expected 1 to 100 characters, at least one of them visible, and no control character\n' +
        "see tbg keys create --help"
    ],
    ...["2099-02-30", "2099-01-01T10:00", "tomorrow"].map((time): [ReadonlyArray<string>, string] => [
      ["keys", "create", "--team", "a", "--expires", time],
      `--expires "${time}": expected 2027-01-31, or 2027-01-31T18:00:00Z\nsee tbg keys create --help`
    ]),
    ...["many", "-1", "1e3", "10000001"].map((posts): [ReadonlyArray<string>, string] => [
      ["seed", `--posts=${posts}`],
      `--posts "${posts}": expected a whole number from 0 to 10000000\nsee tbg seed --help`
    ]),
    [["seed", "--post", "1"], '"--post": no such flag; did you mean --posts?\nsee tbg seed --help'],
    [["openapi", "--surface", "x"], '--surface "x": expected "all" | "v1"\nsee tbg openapi --help'],
    [["keys", "create", "--team", "a", "--team", "b"], "--team: given 2 times\nsee tbg keys create --help"],
    [["a\u009b31m\u007f"], '"a\\u009b31m\\u007f": no such command\nsee tbg --help'],
    [["keys"], "tbg keys: expected one of create, list, revoke\nsee tbg keys --help"],
    [["teams"], "tbg teams: expected one of create, list\nsee tbg teams --help"],
    [["limits"], "tbg limits: expected one of inspect, reset\nsee tbg limits --help"],
    [["migrate"], "tbg migrate: expected one of up, down, status, check, plan, repair, new\nsee tbg migrate --help"],
    [
      ["migrate", "new", "Add Index"],
      'NAME "Add Index": expected lower-case verb_noun, for example create_teams\nsee tbg migrate new --help'
    ],
    [["--log-level", "debug"], '"--log-level": no such flag\n"debug": no such command\nsee tbg --help']
  ])("refuses %s with exit code 64, names the reason and the help, and prints nothing on stdout", ([args, said]) =>
    Effect.gen(function* () {
      const { code, stderr, stdout } = yield* run(args)
      assert.deepStrictEqual([code, stdout, stderr], [64, "", said])
    })
  )

  it.effect("prints the OpenAPI document of a surface", () =>
    Effect.gen(function* () {
      const { code, stdout } = yield* run(["openapi", "--surface", "v1"])
      assert.strictEqual(code, 0)
      const paths = Object.keys(JSON.parse(stdout).paths)
      assert.includeMembers(paths, ["/v1/healthz", "/v1/limits", "/v1/teams/{team}/posts"])
      assert.isTrue(paths.every((path) => path.startsWith("/v1/")))
    })
  )

  it.effect("refuses a healthcheck URL with another scheme", () =>
    Effect.gen(function* () {
      const { code, stderr } = yield* run(["healthcheck", "--url", "ftp://nowhere"])
      assert.deepStrictEqual([code, stderr], [1, "unhealthy: not an http:// or https:// URL"])
    })
  )

  it.effect("exits healthcheck with 1 without a service", () =>
    Effect.gen(function* () {
      const { code, stderr } = yield* run(["healthcheck", "--url", "http://127.0.0.1:1/health"])
      assert.deepStrictEqual([code, stderr], [1, "unhealthy: no connection"])
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
  ])("connects healthcheck to a service that listens on %s at %s", (host, address) => {
    assert.strictEqual(connectableHost(host), address)
  })
})
