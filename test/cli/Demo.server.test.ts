import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Schedule, Schema } from "effect"
import { demoKey } from "../../src/cli/demo/DemoTeam.ts"
import { commandResult } from "../support/CommandResult.ts"
import { validSecret } from "../support/ConfigFrom.ts"
import { get } from "../support/Http.ts"
import { programOnDatabase } from "../support/ProgramOnDatabase.ts"
import { teamServices } from "../support/TeamOfKey.ts"
import { freshDatabase, testClient } from "../support/TestDatabase.ts"
import { databaseAt } from "../support/TestDatabaseLayer.ts"
import { run } from "../support/TestMigrations.ts"
import { programResult, testProcess } from "../support/TestProcess.ts"
import type { TestProcess } from "../support/TestProcess.ts"

const hasCurl = (await Effect.runPromise(commandResult("curl", ["--version"]))).code === 0

class NotYet extends Schema.TaggedError<NotYet>()("NotYet", { output: Schema.String }) {}

/** The printed curl line and its key. */
const tryLine = Effect.fnUntraced(function* ({ output }: TestProcess) {
  const line = Effect.gen(function* () {
    const written = yield* output
    const [, command, key] = /^Try: (curl -H "Authorization: Bearer (\S+)" \S+)\n/m.exec(written) ?? []
    if (command === undefined || key === undefined) return yield* new NotYet({ output: written })
    return { command, key }
  })
  return yield* line.pipe(Effect.retry(Schedule.spaced("20 millis")), Effect.timeout("30 seconds"))
})

const demo = (variables: Record<string, string>) =>
  testProcess(
    { TBG_ENVIRONMENT: "test", TBG_KEY_CACHE_SECONDS: "0", TBG_PROJECTION: "off", ...variables },
    { args: ["serve", "--demo"] }
  )

const postsWith = ({ url }: TestProcess, key: string) =>
  get(`${url}/v1/teams/demo/posts`, { authorization: `Bearer ${key}` })

const refusalIn = (environment: string) =>
  `--demo is refused in ${environment}, because it creates demo data; run tbg serve`

const counts = run(`
  SELECT (SELECT count(*)::int FROM tbg_api.teams) AS teams, (SELECT count(*)::int FROM tbg_api.posts) AS posts,
    (SELECT count(*)::int FROM tbg_api.api_keys WHERE deleted_at IS NULL) AS keys`)

describe("tbg serve --demo", () => {
  it.live("prints a curl line that works on the in-memory database, and logs no key", (context) =>
    Effect.gen(function* () {
      context.skip(!hasCurl, "curl: not on the PATH")
      const service = yield* demo({ TBG_LOG_LEVEL: "DEBUG" })
      const { command, key } = yield* tryLine(service)
      assert.include(command, `${service.url}/v1/teams/demo/posts`)
      const output = yield* service.output
      assert.include(
        output,
        `\nPage: ${service.url}/\nDocs: ${service.url}/docs\nAPI key of team demo, valid until the next start: ${key}\nTry: `
      )
      assert.include(output, '"message":"migrated","fingerprint_before":')
      const { status } = yield* postsWith(service, key)
      assert.strictEqual(status, 200)
      const curled = yield* commandResult("sh", ["-c", `${command} --silent`])
      const { posts, total } = JSON.parse(curled.stdout)
      assert.deepStrictEqual([posts.length, total], [10, 24])
      yield* service.signal("SIGTERM")
      yield* service.exit
      const logged = (yield* service.output).split("\n").filter((line) => line.startsWith("{"))
      assert.isAbove(logged.length, 3)
      assert.notInclude(logged.join("\n"), key)
    })
  )

  it.live("creates no duplicates when run again, and replaces the old key with a new one", () =>
    Effect.gen(function* () {
      const { url } = yield* freshDatabase
      const variables = { TBG_DATABASE_URL: Redacted.value(url) }
      const first = yield* demo(variables)
      const { key: old } = yield* tryLine(first)
      const second = yield* demo(variables)
      const { key } = yield* tryLine(second)
      assert.strictEqual((yield* postsWith(second, key)).status, 200)
      assert.strictEqual((yield* postsWith(first, old)).status, 401)
      assert.deepStrictEqual(yield* Effect.provide(counts, testClient(url)), [{ teams: 1, posts: 24, keys: 1 }])
    })
  )

  it.live("creates no duplicates if eight processes start together", () =>
    Effect.gen(function* () {
      const { client, migrate, url } = yield* programOnDatabase
      yield* migrate("up")
      const keys = yield* Effect.all(
        Array.from({ length: 8 }, () => demoKey),
        { concurrency: "unbounded" }
      ).pipe(Effect.provide(teamServices), Effect.provide(databaseAt(Redacted.value(url))))
      assert.strictEqual(new Set(keys.map(Redacted.value)).size, 8)
      assert.deepStrictEqual(yield* Effect.provide(counts, client), [{ teams: 1, posts: 24, keys: 1 }])
    })
  )

  it.live("waits for the job that migrates", () =>
    Effect.gen(function* () {
      const { url } = yield* freshDatabase
      const variables = { TBG_DATABASE_URL: Redacted.value(url), TBG_MIGRATE_ON_START: "false" }
      const service = yield* demo(variables)
      assert.notInclude(yield* service.output, "Try:")
      const up = yield* programResult(["migrate", "up"], { TBG_ENVIRONMENT: "test", ...variables })
      assert.strictEqual(up.code, 0)
      const { key } = yield* tryLine(service)
      assert.strictEqual((yield* postsWith(service, key)).status, 200)
    })
  )

  it.live.each(["staging", "production"] as const)(
    "is refused in %s with one line, before it connects to anything",
    (environment) =>
      Effect.gen(function* () {
        const { code, stderr, stdout } = yield* programResult(["serve", "--demo"], {
          TBG_ENVIRONMENT: environment,
          TBG_DATABASE_URL: "postgresql://tbg@127.0.0.1:1/tbg",
          TBG_REDIS_URL: "redis://127.0.0.1:1",
          TBG_SECRET_KEY: validSecret,
          TBG_PUBLIC_URL: "https://game.example.com"
        })
        assert.deepStrictEqual([code, stdout], [64, ""])
        assert.strictEqual(stderr, `${refusalIn(environment)}\n`)
      })
  )

  it.live("is refused in production together with missing settings", () =>
    Effect.gen(function* () {
      const { code, stderr } = yield* programResult(["serve", "--demo"], { TBG_ENVIRONMENT: "production" })
      assert.strictEqual(code, 78)
      assert.include(stderr, refusalIn("production"))
      assert.include(stderr, "TBG_DATABASE_URL")
    })
  )
})
