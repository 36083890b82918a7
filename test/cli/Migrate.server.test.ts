import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { existingDatabase } from "../support/Catalog.ts"
import { plainCatalog } from "../support/CatalogFixture.ts"
import { freshDatabase, testClient } from "../support/TestDatabase.ts"
import { run } from "../support/TestMigrations.ts"
import { programResult } from "../support/TestProcess.ts"

/** A database of its own, a way to change it, and the program beside it. */
const beside = Effect.gen(function* () {
  const { url } = yield* freshDatabase
  const variables = { TBG_ENVIRONMENT: "test", TBG_DATABASE_URL: Redacted.value(url) }
  return {
    client: testClient(url),
    migrate: (...args: ReadonlyArray<string>) => programResult(["migrate", ...args], variables)
  }
})

describe("tbg migrate", () => {
  it.live("lists what is pending, applies it once, and lists when", () =>
    Effect.gen(function* () {
      const { migrate } = yield* beside
      assert.strictEqual((yield* migrate("status")).stdout, "0001_baseline: pending\n")
      const up = yield* migrate("up")
      assert.deepStrictEqual([up.code, up.stdout, up.stderr], [0, "0001_baseline: applied\n", ""])
      const again = yield* migrate("up")
      assert.deepStrictEqual([again.code, again.stdout], [0, "nothing to do: the database is at 0001_baseline\n"])
      const [step] = JSON.parse((yield* migrate("status", "--json")).stdout)
      assert.deepInclude(step, { name: "0001_baseline", unknown: false })
      assert.match(step.appliedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    })
  )

  it.live("check finds no drift in the schema of the database's owner, and names what has changed", () =>
    Effect.gen(function* () {
      const { client, migrate } = yield* beside
      yield* Effect.provide(existingDatabase(plainCatalog), client)
      const before = yield* migrate("check")
      assert.deepStrictEqual([before.code, before.stdout], [0, "no drift\n"])
      yield* Effect.provide(run("ALTER TABLE users DROP COLUMN country_code"), client)
      const after = yield* migrate("check")
      assert.deepStrictEqual(
        [after.code, after.stdout],
        [3, "blocking: column users.country_code is missing: wanted character(2)\n"]
      )
      const { code, stdout } = yield* migrate("check", "--json")
      assert.strictEqual(code, 3)
      assert.deepInclude(JSON.parse(stdout).differences[0], { object: "column users.country_code", found: null })
      const refused = yield* migrate("up")
      assert.strictEqual(refused.code, 3)
      assert.include(refused.stderr, "column users.country_code is missing")
    })
  )

  it.live("lists a step of a newer program", () =>
    Effect.gen(function* () {
      const { client, migrate } = yield* beside
      yield* migrate("up")
      yield* Effect.provide(
        run("INSERT INTO tbg_api_migrations VALUES (2, '2026-01-02T03:04:05Z', 'create_teams')"),
        client
      )
      assert.include(
        (yield* migrate("status")).stdout,
        "0002_create_teams: applied 2026-01-02T03:04:05.000Z, by a program newer than this one\n"
      )
    })
  )

  it.live.each([
    [
      "a database in memory",
      "embedded",
      "TBG_DATABASE_URL=embedded is a database in memory, which is gone when this command ends\n"
    ],
    ["a database that is away", "postgresql://u:p@127.0.0.1:1/none", "the database does not answer: unreachable\n"]
  ] as const)("refuses %s", ([, url, stderr]) =>
    Effect.gen(function* () {
      for (const command of ["up", "status", "check"]) {
        const result = yield* programResult(["migrate", command], { TBG_DATABASE_URL: url })
        assert.deepStrictEqual([result.code, result.stdout, result.stderr], [69, "", stderr])
      }
    })
  )
})
