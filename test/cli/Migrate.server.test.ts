import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Schedule } from "effect"
import { existingDatabase } from "../support/Catalog.ts"
import { plainCatalog } from "../support/CatalogFixture.ts"
import { temporaryFolder } from "../support/EmbeddedFolder.ts"
import { takeMigrationLock, whileLocked } from "../support/Locks.ts"
import { programOnDatabase } from "../support/ProgramOnDatabase.ts"
import { run } from "../support/TestMigrations.ts"
import { programResult } from "../support/TestProcess.ts"

const recorded = run("SELECT name, version, mode FROM tbg_api.migrations WHERE migration_id = 1")

const waits = "another process is migrating; waiting up to 60 s\n"

describe("tbg migrate", () => {
  it.live("lists pending migrations, applies them once with a proof, and lists when", () =>
    Effect.gen(function* () {
      const { client, migrate } = yield* programOnDatabase
      yield* Effect.provide(existingDatabase(plainCatalog), client)
      assert.include((yield* migrate("status")).stdout, "0001_baseline: pending\n")
      const up = yield* migrate("up")
      assert.deepStrictEqual([up.code, up.stderr], [0, ""])
      assert.match(up.stdout, /^0001_baseline: recognised\n/)
      assert.match(up.stdout, /\nbaseline: fingerprint [0-9a-f]{64}, before and after\n/)
      assert.match(up.stdout, /\nrows inserted\/updated\/deleted: .*\bshares 0\/0\/0, /)
      assert.deepStrictEqual(yield* Effect.provide(recorded, client), [
        { name: "baseline", version: "7.8.9", mode: "recognised" }
      ])
      const again = yield* migrate("up")
      assert.strictEqual(again.code, 0)
      assert.match(again.stdout, /^nothing to do; the database is at \d{4}_\w+\n$/)
      assert.match((yield* migrate("status")).stdout, /^0001_baseline: recognised 2\S+Z, by version 7\.8\.9\n/)
      const [step] = JSON.parse((yield* migrate("status", "--json")).stdout)
      assert.deepInclude(step, { name: "0001_baseline", mode: "recognised", unknown: false, changed: false })
      assert.match(step.appliedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    })
  )

  it.live("finds no drift in the owner's schema, and names what has changed", () =>
    Effect.gen(function* () {
      const { client, migrate } = yield* programOnDatabase
      yield* Effect.provide(existingDatabase(plainCatalog), client)
      const before = yield* migrate("check")
      assert.strictEqual(before.code, 0)
      assert.match(before.stdout, /^no drift\nfingerprint [0-9a-f]{64}\n$/)
      yield* Effect.provide(run("ALTER TABLE users DROP COLUMN country_code"), client)
      const after = yield* migrate("check")
      assert.strictEqual(after.code, 3)
      assert.match(after.stdout, /\nblocking +column users\.country_code +missing +character\(2\) .*-\n/)
      const { code, stdout } = yield* migrate("check", "--json")
      assert.strictEqual(code, 3)
      const { differences, fingerprint } = JSON.parse(stdout)
      assert.deepInclude(differences[0], { object: "column users.country_code", found: null })
      assert.include(after.stdout, fingerprint)
      const refused = yield* migrate("up")
      assert.strictEqual(refused.code, 3)
      assert.include(refused.stderr, "column users.country_code is missing")
    })
  )

  it.live("lists a migration of a newer version", () =>
    Effect.gen(function* () {
      const { client, migrate } = yield* programOnDatabase
      yield* migrate("up")
      const newer = "INSERT INTO tbg_api.migrations VALUES (9999, '2026-01-02T03:04:05Z', 'create_more')"
      yield* Effect.provide(run(newer), client)
      assert.include(
        (yield* migrate("status")).stdout,
        "9999_create_more: applied 2026-01-02T03:04:05.000Z, by a newer version\n"
      )
    })
  )

  it.live("names a migration that changed after it was applied, with exit code 1", () =>
    Effect.gen(function* () {
      const { client, migrate } = yield* programOnDatabase
      yield* migrate("up")
      yield* Effect.provide(run("UPDATE tbg_api.migrations SET checksum = 'x' WHERE migration_id = 1"), client)
      const words = "migrations: 0001_baseline has changed since it was applied: its checksum does not match\n"
      for (const command of ["up", "check", "status"]) {
        const { code, stderr } = yield* migrate(command)
        assert.deepStrictEqual([code, stderr], [1, words])
      }
      assert.match((yield* migrate("status")).stdout, /^0001_baseline: created .*, changed since\n/)
    })
  )

  it.live("runs once if eight processes start together", () =>
    Effect.gen(function* () {
      const { client, migrate } = yield* programOnDatabase
      yield* Effect.provide(existingDatabase(plainCatalog), client)
      const results = yield* Effect.all(
        Array.from({ length: 8 }, () => migrate("up")),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(
        results.map(({ code }) => code),
        results.map(() => 0)
      )
      // On busy cores, waiting processes say so.
      for (const { stderr } of results) assert.include(["", waits], stderr)
      assert.strictEqual(results.filter(({ stdout }) => stdout.includes("0001_baseline: recognised\n")).length, 1)
      assert.strictEqual((yield* Effect.provide(recorded, client)).length, 1)
    })
  )

  it.live("prints on stderr that it waits for another process, then continues", () =>
    Effect.gen(function* () {
      const { client, migrate } = yield* programOnDatabase
      const waiting = run(
        "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'advisory' AND now() - query_start > '1500 milliseconds'"
      ).pipe(Effect.repeat({ until: (rows) => rows.length > 0, schedule: Schedule.spaced("50 millis") }))
      const up = yield* Effect.forkChild(migrate("up"))
      yield* Effect.provide(whileLocked(takeMigrationLock, waiting), client)
      const { code, stderr } = yield* Fiber.join(up)
      assert.deepStrictEqual([code, stderr], [0, waits])
    })
  )

  it.live("refuses an in-memory database", () =>
    Effect.gen(function* () {
      const stderr =
        "TBG_DATABASE_URL=embedded is an in-memory database, which is lost when this command ends; " +
        "set it to postgresql://USER@HOST/DATABASE or embedded:FOLDER\n"
      for (const command of ["up", "check", "repair"]) {
        const result = yield* programResult(["migrate", command], { TBG_DATABASE_URL: "embedded" })
        assert.deepStrictEqual([result.code, result.stdout, result.stderr], [69, "", stderr])
      }
    })
  )

  it.live("reports an unavailable database", () =>
    Effect.gen(function* () {
      const result = yield* programResult(["migrate", "up"], { TBG_DATABASE_URL: "postgresql://u:p@127.0.0.1:1/none" })
      assert.deepStrictEqual(
        [result.code, result.stdout, result.stderr],
        [
          69,
          "",
          "Postgres 127.0.0.1:1/none unreachable: no connection; start Postgres, or correct the host and port in TBG_DATABASE_URL\n"
        ]
      )
    })
  )

  it.live("works on an embedded database in a folder", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const variables = { TBG_ENVIRONMENT: "test", TBG_DATABASE_URL: `embedded:${folder}/data` }
      const answers = yield* Effect.forEach([["up"], ["down", "--to", "base", "--yes"], ["up"]], (args) =>
        programResult(["migrate", ...args], variables)
      )
      assert.deepStrictEqual(
        answers.map(({ code, stderr }) => [code, stderr]),
        answers.map(() => [0, ""])
      )
      assert.match(answers.at(-1)?.stdout ?? "", /^0001_baseline: recognised\n/)
    })
  )
})
