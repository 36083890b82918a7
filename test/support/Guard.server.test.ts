import { spawn } from "node:child_process"
import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schedule, Schema } from "effect"
import { testSocket } from "./TestSocket.ts"

/** Starts both servers, restarts one, prints their addresses, and waits until it is killed. */
const program = `
import { Effect } from "effect"
import { throwawayPostgres } from "${join(import.meta.dirname, "ThrowawayPostgres.ts")}"
import { throwawayRedis } from "${join(import.meta.dirname, "ThrowawayRedis.ts")}"
const started = Effect.all([throwawayPostgres, throwawayRedis()])
await Effect.runPromise(Effect.scoped(Effect.gen(function*() {
  const servers = yield* started
  yield* servers[1].restart
  console.log(JSON.stringify(servers.map((server) => server.port)))
  return yield* Effect.never
})))
`

const portsIn = Schema.decodeUnknownEffect(Schema.fromJsonString(Schema.Array(Schema.Int)))

const emptyFolder = Effect.acquireRelease(
  Effect.sync(() => {
    const folder = mkdtempSync(join(tmpdir(), "tbg-guard-"))
    // The servers' own account can inspect them.
    chmodSync(folder, 0o755)
    return folder
  }),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

const startedIn = (folder: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const args = [`TMPDIR=${folder}`, process.execPath, "--input-type=module", "--eval", program]
      return spawn("env", args, { stdio: ["ignore", "pipe", "inherit"] })
    }),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )

describe("guard", () => {
  it.live("stops the servers and removes their folders if the tests are killed", () =>
    Effect.gen(function* () {
      const folder = yield* emptyFolder
      const tests = yield* startedIn(folder)
      const said = yield* Effect.callback<string>((resume) => {
        tests.stdout.setEncoding("utf8").once("data", (text: string) => resume(Effect.succeed(text)))
      })
      const ports = yield* portsIn(said)
      assert.lengthOf(readdirSync(folder), 2)
      tests.kill("SIGKILL")
      yield* Effect.repeat(
        Effect.sync(() => readdirSync(folder)),
        { until: (left) => left.length === 0, schedule: Schedule.spaced("20 millis") }
      )
      yield* Effect.forEach(ports, (port) => Effect.flip(testSocket(port)))
    })
  )
})
