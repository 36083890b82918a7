import * as PgClient from "@effect/sql-pg/PgClient"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existingDatabase } from "../support/Catalog.ts"
import { plainCatalog, timescaleCatalog } from "../support/CatalogFixture.ts"
import { fingerprint } from "../support/Fingerprint.ts"
import { takeMigrationLock, whileLocked } from "../support/Locks.ts"
import { freshDatabase, testClient } from "../support/TestDatabase.ts"
import { migrationsWith, namesOf, onFreshDatabase, records, run } from "../support/TestMigrations.ts"

/** Other sessions may still read. */
const lockLedger = "LOCK TABLE tbg_api.migrations IN EXCLUSIVE MODE"

const baselineRecord = [{ id: 1, name: "baseline" }]

describe("migrations of a database with the baseline's tables", () => {
  it.effect.each([
    ["without TimescaleDB", plainCatalog],
    ["of TimescaleDB", timescaleCatalog]
  ] as const)("write only the record, on the catalog %s", ([, fixture]) =>
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

  it.effect("need no privilege on the tables", () =>
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

  it.effect("print SQL for an administrator if the role may not create our schema", () =>
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

  it.effect("report the latest migration and no drift after a run", () =>
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

  it.effect("take no lock if nothing is pending", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        yield* (yield* migrationsWith()).up
        const { newest, up } = yield* migrationsWith()
        assert.deepStrictEqual(namesOf(yield* whileLocked(takeMigrationLock, whileLocked(lockLedger, up))), [])
        assert.strictEqual(yield* newest, "0001_baseline")
      })
    )
  )

  it.effect("run once if eight processes start together", () =>
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

  it.effect("report drift at the next check", () =>
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
