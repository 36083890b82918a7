import * as PgClient from "@effect/sql-pg/PgClient"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existingDatabase } from "../support/Catalog.ts"
import { plainCatalog, timescaleCatalog } from "../support/CatalogFixture.ts"
import { fingerprint } from "../support/Fingerprint.ts"
import { takeMigrationLock, whileHeld } from "../support/Held.ts"
import { freshDatabase, testClient } from "../support/TestDatabase.ts"
import { migrationsWith, namesOf, onFreshDatabase, records, run } from "../support/TestMigrations.ts"

/** Others may still read it. */
const lockLedger = "LOCK TABLE tbg_api.migrations IN EXCLUSIVE MODE"

const baselineRecord = [{ id: 1, name: "baseline" }]

describe("Migrations on a database with the tables of the baseline", () => {
  it.effect.each([
    ["without TimescaleDB", plainCatalog],
    ["of TimescaleDB", timescaleCatalog]
  ] as const)("writes the record and nothing else, on the catalog %s", ([, fixture]) =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(fixture)
        const before = yield* fingerprint
        const { up } = yield* migrationsWith()
        assert.deepStrictEqual(namesOf(yield* up), ["0001_baseline"])
        assert.deepStrictEqual(yield* fingerprint, before)
        assert.deepStrictEqual(yield* records, baselineRecord)
      })
    )
  )

  it.effect("needs no right on them", () =>
    Effect.gen(function* () {
      const { name, url } = yield* freshDatabase
      yield* Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        yield* run(`GRANT CREATE ON DATABASE ${name} TO pg_monitor`)
      }).pipe(Effect.provide(testClient(url)))
      yield* Effect.gen(function* () {
        const denied = yield* Effect.flip(run("SELECT 1 FROM public.users"))
        assert.strictEqual(denied.reason._tag, "AuthorizationError")
        const { up } = yield* migrationsWith()
        assert.deepStrictEqual(namesOf(yield* up), ["0001_baseline"])
      }).pipe(Effect.provide(PgClient.layer({ url, startupParameters: { role: "pg_monitor" } })))
    })
  )

  it.effect("prints SQL for an administrator if the role may not create our schema", () =>
    Effect.gen(function* () {
      const { url } = yield* freshDatabase
      yield* Effect.provide(existingDatabase(plainCatalog), testClient(url))
      const error = yield* Effect.flatMap(migrationsWith(), ({ up }) => Effect.flip(up)).pipe(
        Effect.provide(PgClient.layer({ url, startupParameters: { role: "pg_monitor" } }))
      )
      assert.strictEqual(
        error.message,
        'migrations: the role "pg_monitor" may not create the schema tbg_api; nothing was changed. ' +
          'An administrator must run:\nCREATE SCHEMA tbg_api AUTHORIZATION "pg_monitor";'
      )
    })
  )

  it.effect("is known by its newest step and by no drift, once it has run", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        const { drift, newest, up } = yield* migrationsWith()
        assert.deepStrictEqual([yield* newest, yield* drift], [undefined, "unknown"])
        yield* up
        assert.deepStrictEqual([yield* newest, yield* drift], ["0001_baseline", "none"])
      })
    )
  )

  it.effect("takes no lock at the newest step", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        yield* (yield* migrationsWith()).up
        const { newest, up } = yield* migrationsWith()
        assert.deepStrictEqual(namesOf(yield* whileHeld(takeMigrationLock, whileHeld(lockLedger, up))), [])
        assert.strictEqual(yield* newest, "0001_baseline")
      })
    )
  )

  it.effect("is done once by eight processes that start at once", () =>
    Effect.gen(function* () {
      const { url } = yield* freshDatabase
      yield* Effect.provide(existingDatabase(plainCatalog), testClient(url))
      const start = Effect.flatMap(migrationsWith(), ({ up }) => up).pipe(
        Effect.provide(testClient(url), { local: true })
      )
      const ran = yield* Effect.all(
        Array.from({ length: 8 }, () => start),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(ran.flatMap(namesOf), ["0001_baseline"])
      assert.deepStrictEqual(yield* Effect.provide(records, testClient(url)), baselineRecord)
    })
  )

  it.effect("sees drift when it looks again", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        const { drift, refresh, up } = yield* migrationsWith()
        yield* up
        yield* run("DROP INDEX idx_workers_online")
        yield* refresh
        assert.strictEqual(yield* drift, "detected")
      })
    )
  )
})
