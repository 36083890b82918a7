import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { get, getUntil } from "../support/Http.ts"
import { latestMigration } from "../support/OwnMigrations.ts"
import { portInUse } from "../support/PortInUse.ts"
import { freshDatabase } from "../support/TestDatabase.ts"
import { programResult, testProcess } from "../support/TestProcess.ts"
import { throwawayPostgres, throwawayPostgresWith } from "../support/ThrowawayPostgres.ts"
import { throwawayRedis } from "../support/ThrowawayRedis.ts"

const test = { TBG_ENVIRONMENT: "test" }

const messagesIn = (output: string): ReadonlyArray<string | undefined> =>
  output.split("\n").flatMap((line) => /"message":"([^"]+)"/.exec(line)?.[1] ?? [])

describe("tbg serve", () => {
  it.live("starts in order: settings, database, migrations, port; then prints one line with its address", () =>
    Effect.gen(function* () {
      const { name, url } = yield* freshDatabase
      const redis = yield* throwawayRedis()
      const service = yield* testProcess({ ...test, TBG_DATABASE_URL: Redacted.value(url), TBG_REDIS_URL: redis.url })
      assert.strictEqual((yield* get(`${service.url}/health`)).status, 200)
      assert.deepStrictEqual((yield* get(`${service.url}/ready`)).body, {
        status: "ready",
        checks: { database: "ok", redis: "ok" }
      })
      const lines = (yield* service.output).split("\n").filter((line) => line.includes('"message":"listening"'))
      assert.strictEqual(lines.length, 1)
      const line: unknown = JSON.parse(lines[0] ?? "")
      assert.propertyVal(line, "level", "INFO")
      assert.propertyVal(line, "url", service.url)
      assert.propertyVal(line, "docs", `${service.url}/docs`)
      assert.propertyVal(line, "schema", yield* latestMigration)
      assert.propertyVal(line, "redis", `127.0.0.1:${redis.port}`)
      assert.nestedProperty(line, "start_ms")
      assert.include(lines[0], `/${name}"`)
      assert.notInclude(yield* service.output, "fingerprint")
    })
  )

  it.live("exits with 78 and lists every invalid setting", () =>
    Effect.gen(function* () {
      const { code, stderr, stdout } = yield* programResult(["serve"], { TBG_PORT: "eighty", TBG_LOG_LEVEL: "loud" })
      assert.strictEqual(code, 78)
      assert.match(stderr, /TBG_PORT/)
      assert.match(stderr, /TBG_LOG_LEVEL/)
      assert.strictEqual(stdout, "")
    })
  )

  it.live("exits with one clear line if the port is in use", () =>
    Effect.gen(function* () {
      const { port } = yield* portInUse
      const { code, stdout } = yield* programResult(["serve"], {
        ...test,
        TBG_HOST: "127.0.0.1",
        TBG_PORT: String(port),
        TBG_LOG_FORMAT: "json"
      })
      assert.strictEqual(code, 71)
      const critical = stdout.split("\n").filter((line) => line.includes('"level":"CRITICAL"'))
      assert.deepStrictEqual(messagesIn(critical.join("\n")), [
        `port ${port} on 127.0.0.1 is in use (EADDRINUSE); stop the program that uses it, or set TBG_PORT`
      ])
    })
  )

  it.live("waits for the database, logs each attempt, and exits with 69", () =>
    Effect.gen(function* () {
      const { code, stdout } = yield* programResult(["serve"], {
        ...test,
        TBG_DATABASE_URL: "postgresql://user:canary@127.0.0.1:1/db",
        TBG_DATABASE_START_TIMEOUT_MS: "1500"
      })
      assert.strictEqual(code, 69)
      const messages = messagesIn(stdout)
      assert.strictEqual(messages.filter((message) => message === "Postgres unavailable; retrying").length, 2)
      assert.match(
        messages.at(-1) ?? "",
        /^Postgres 127\.0\.0\.1:1\/db unreachable: no connection \(retried for 1\.5 s\); /
      )
    })
  )

  it.live("starts without a database if a job migrates, and becomes ready once the database is available", () =>
    Effect.gen(function* () {
      const first = yield* throwawayPostgres
      yield* first.stop
      const service = yield* testProcess({ ...test, TBG_DATABASE_URL: first.url, TBG_MIGRATE_ON_START: "false" })
      const away = yield* get(`${service.url}/ready`)
      assert.strictEqual(away.status, 503)
      assert.nestedPropertyVal(away.body, "checks.database", "error: unreachable")
      assert.propertyVal((yield* get(`${service.url}/version`)).body, "schema", null)
      yield* throwawayPostgresWith({ port: first.port })
      yield* getUntil(`${service.url}/ready`, 200)
    })
  )

  it.live(
    "drains on SIGTERM: /ready reports it, requests succeed and close their connections, and the exit code is 0",
    () =>
      Effect.gen(function* () {
        const service = yield* testProcess({ ...test, TBG_SHUTDOWN_DELAY_MS: "1000" })
        yield* service.signal("SIGTERM")
        const draining = yield* getUntil(`${service.url}/ready`, 503)
        assert.propertyVal(draining.body, "status", "draining")
        const { headers, status } = yield* Effect.promise(() => fetch(`${service.url}/version`))
        assert.strictEqual(status, 200)
        assert.strictEqual(headers.get("connection"), "close")
        assert.deepStrictEqual(yield* service.exit, { code: 0, signal: null })
      })
  )
})
