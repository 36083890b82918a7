import { existsSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { commandResult } from "../support/CommandResult.ts"
import { programOnDatabase } from "../support/ProgramOnDatabase.ts"
import { run } from "../support/TestMigrations.ts"
import { programPath } from "../support/TestProcess.ts"

/** A file that fails every write, like a full disk. */
const full = "/dev/full"
const skipped = [!existsSync(full), `${full}: not on this machine`] as const

/** Runs `tbg` in a shell, with standard output redirected. */
const redirected = (command: string, to: string, env: Record<string, string> = {}) =>
  commandResult("sh", ["-c", `"${process.execPath}" "${programPath()}" ${command} ${to}`], {
    env: { PATH: "/usr/bin:/bin", ...env }
  })

const decodeKeys = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ revoked: Schema.Boolean })))

describe("a command whose output cannot be written", () => {
  it.live.each(["config", "config --json", "openapi", "--help", "doctor"])("exits with 1: %s", (command, context) =>
    Effect.gen(function* () {
      context.skip(...skipped)
      const { code, stderr } = yield* redirected(command, `> ${full}`)
      assert.strictEqual(code, 1)
      assert.include(stderr, "cannot write to standard output (ENOSPC)\n")
    })
  )

  it.live("reports the error if its reader has exited", () =>
    Effect.gen(function* () {
      const { stderr } = yield* redirected("openapi", "| true")
      assert.include(stderr, "cannot write to standard output (EPIPE)\n")
    })
  )

  it.live.each(["keys create --team miners", "seed --posts 10"])(
    "revokes the key that could not be printed, and stops: %s",
    (command, context) =>
      Effect.gen(function* () {
        context.skip(...skipped)
        const { client, migrate, tbg, variables } = yield* programOnDatabase
        yield* migrate("up")
        yield* tbg("teams", "create", "miners")
        const { code, stderr } = yield* redirected(command, `> ${full}`, variables)
        assert.strictEqual(code, 1)
        assert.match(stderr, /^cannot write to standard output \(ENOSPC\); the new key [0-9a-f-]{36} was revoked\n$/)
        const keys = yield* run("SELECT deleted_at IS NOT NULL AS revoked FROM tbg_api.api_keys").pipe(
          Effect.flatMap(decodeKeys),
          Effect.provide(client)
        )
        assert.deepStrictEqual(keys, [{ revoked: true }])
        const posts = yield* Effect.provide(run("SELECT count(*)::int AS posts FROM tbg_api.posts"), client)
        assert.deepStrictEqual(posts, [{ posts: 0 }])
      })
  )
})
