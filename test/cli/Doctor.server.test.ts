import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { temporaryFolder } from "../support/EmbeddedFolder.ts"
import { doctorReport, failedChecks, validSettings } from "../support/DoctorReport.ts"
import { isHostileRun } from "../support/HostileDefaults.ts"
import { programOnDatabase } from "../support/ProgramOnDatabase.ts"
import { run } from "../support/TestMigrations.ts"
import { programResult, testProcess } from "../support/TestProcess.ts"
import { throwawayPostgres } from "../support/ThrowawayPostgres.ts"
import { throwawayRedis } from "../support/ThrowawayRedis.ts"

describe("tbg doctor", () => {
  it.live("passes with exit code 0 on a migrated Postgres and a Redis", () =>
    Effect.gen(function* () {
      const { migrate, variables } = yield* programOnDatabase
      const redis = yield* throwawayRedis()
      yield* migrate("up")
      const report = yield* doctorReport({ ...variables, TBG_REDIS_URL: redis.url })
      assert.deepStrictEqual([report.code, report.stderr, report.ok], [0, "", true])
      // A busy machine answers late, which is a warning.
      const isLate = ({ what }: { readonly what: string }) => / responds in [\d.]+ ms$/.test(what)
      assert.deepStrictEqual(
        report.checks.filter((check) => check.state !== "ok" && !isLate(check)).map(({ name }) => name),
        (yield* isHostileRun) ? ["database defaults"] : []
      )
      assert.deepStrictEqual(
        report.checks.map(({ name }) => name),
        [
          "settings",
          "secret key",
          "database",
          "database version",
          "database encoding",
          "database defaults",
          "database sessions",
          "database role",
          "database rights",
          "database writes",
          "TimescaleDB",
          "migrations",
          "drift",
          "API keys",
          "database clock",
          "mining rights",
          "mining projection",
          "mining network",
          "redis",
          "redis version",
          "redis eviction",
          "redis memory",
          "redis writing",
          "mining streams",
          "port",
          "trusted proxies",
          "file descriptors",
          "identity provider"
        ]
      )
      assert.include(report.by.get("database role")?.what, "relies on switching to role tbg_api_team, which works")
      assert.match(report.by.get("migrations")?.what ?? "", /^at \d{4}_\w+$/)
    })
  )

  it.live("prints a line for each check, and the fix for each failure", () =>
    Effect.gen(function* () {
      const { code, stderr, stdout } = yield* programResult(["doctor"], {
        ...validSettings,
        TBG_DATABASE_URL: "postgresql://user:c4n4ry@127.0.0.1:1/db",
        TBG_REDIS_URL: "redis://:c4n4ry@127.0.0.1:1"
      })
      assert.deepStrictEqual([code, stderr], [1, "failed: database, redis\n"])
      assert.match(stdout, /^ok +settings +test, 5 set, all valid\n/)
      assert.match(
        stdout,
        /\nfailed +database +Postgres 127\.0\.0\.1:1\/db unreachable: no connection\n +fix: start Postgres/
      )
      assert.match(stdout, /\nskipped +drift +not checked: the database check failed\n/)
      assert.match(stdout, /\nfailed +redis +Redis 127\.0\.0\.1:1 unreachable: no connection; each process counts/)
      assert.notInclude(stdout, "c4n4ry")
    })
  )

  it.live("distinguishes a wrong password from an unavailable server, and prints no password", () =>
    Effect.gen(function* () {
      const postgres = yield* throwawayPostgres
      const redis = yield* throwawayRedis({ password: "right" })
      const url = new URL(postgres.url)
      url.password = "c4n4ry"
      const report = yield* doctorReport({
        TBG_DATABASE_URL: url.href,
        TBG_REDIS_URL: `redis://:c4n4ry@${redis.host}:${redis.port}`
      })
      assert.strictEqual(report.code, 1)
      assert.match(report.by.get("database")?.what ?? "", / denied: it rejected our user/)
      assert.include(report.by.get("database")?.mend, "TBG_DATABASE_URL")
      assert.match(report.by.get("redis")?.what ?? "", / denied: it rejected our credentials/)
      assert.notInclude(report.stdout + report.stderr, "c4n4ry")
    })
  )

  it.live("ends in time while both servers are frozen", () =>
    Effect.gen(function* () {
      const postgres = yield* throwawayPostgres
      const redis = yield* throwawayRedis()
      yield* Effect.all([postgres.signal("SIGSTOP"), redis.signal("SIGSTOP")])
      const report = yield* doctorReport({ TBG_DATABASE_URL: postgres.url, TBG_REDIS_URL: redis.url }).pipe(
        Effect.timeout("25 seconds")
      )
      yield* redis.signal("SIGCONT")
      assert.deepStrictEqual([report.code, failedChecks(report)], [1, ["database", "redis"]])
    })
  )

  it.live("lists every invalid setting", () =>
    Effect.gen(function* () {
      const report = yield* doctorReport({ TBG_PORT: "eighty", TBG_LOG_LEVEL: "loud" })
      assert.strictEqual(report.code, 1)
      assert.deepStrictEqual(failedChecks(report), ["settings", "settings"])
      assert.strictEqual(report.stderr, "failed: settings\n")
      assert.deepInclude(report.checks[0], {
        what: 'TBG_PORT: found "eighty"',
        mend: "set it to a whole number from 0 to 65535"
      })
    })
  )

  it.live("checks the embedded database, and its folder only if it exists", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const memory = yield* doctorReport({})
      assert.deepStrictEqual([memory.code, failedChecks(memory)], [0, []])
      assert.include(memory.by.get("migrations")?.what, "tbg serve applies them when it starts")
      const path = `${folder}/data`
      const absent = yield* doctorReport({ TBG_DATABASE_URL: `embedded:${path}` })
      assert.strictEqual(absent.by.get("database")?.what, `embedded: ${path} is created when the service starts`)
      const service = yield* testProcess({ TBG_ENVIRONMENT: "test", TBG_DATABASE_URL: `embedded:${path}` })
      const inUse = yield* doctorReport({
        TBG_DATABASE_URL: `embedded:${path}`,
        TBG_HOST: "127.0.0.1",
        TBG_PORT: String(service.port)
      })
      assert.deepStrictEqual([inUse.code, inUse.by.get("database")?.state], [0, "warning"])
      assert.match(inUse.by.get("port")?.what ?? "", /: this service is running there, version \S+, up for \d+ s$/)
    })
  )

  it.live("names the drift and a changed migration", () =>
    Effect.gen(function* () {
      const { client, migrate, variables } = yield* programOnDatabase
      yield* migrate("up")
      yield* Effect.provide(run("ALTER TABLE users DROP COLUMN country_code"), client)
      yield* Effect.provide(run("ALTER TABLE tbg_api.api_keys DROP COLUMN label"), client)
      yield* Effect.provide(run("UPDATE tbg_api.migrations SET checksum = 'x' WHERE migration_id = 1"), client)
      const report = yield* doctorReport(variables)
      assert.deepStrictEqual([report.code, failedChecks(report)], [1, ["migrations", "drift"]])
      assert.include(report.by.get("drift")?.what, "column users.country_code (missing)")
      assert.include(report.by.get("drift")?.what, "column api_keys.label (missing)")
      assert.include(report.by.get("migrations")?.what, "0001_baseline has changed since it was applied")
    })
  )

  it.live("fails for pending migrations that no process will apply", () =>
    Effect.gen(function* () {
      const { variables } = yield* programOnDatabase
      const report = yield* doctorReport({ ...variables, TBG_MIGRATE_ON_START: "false" })
      assert.deepStrictEqual([report.code, failedChecks(report)], [1, ["migrations"]])
      assert.strictEqual(report.by.get("migrations")?.mend, "run tbg migrate up")
      const deployed = {
        TBG_ENVIRONMENT: "staging",
        TBG_REDIS_URL: "redis://127.0.0.1:1",
        TBG_PUBLIC_URL: "https://game.example.com",
        TBG_METRICS_ENABLED: "false"
      }
      const staged = yield* doctorReport({ ...variables, ...deployed })
      assert.include(staged.by.get("drift")?.what, "the database has no baseline tables")
    })
  )
})
