import * as PgClient from "@effect/sql-pg/PgClient"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { existingDatabase } from "../support/Catalog.ts"
import { plainCatalog } from "../support/CatalogFixture.ts"
import { capturedLogs } from "../support/CapturedLogs.ts"
import { fingerprint } from "../support/Fingerprint.ts"
import { freshDatabase, testClient } from "../support/TestDatabase.ts"
import { fixtureFolder, migrationsWith, namesOf, records, run } from "../support/TestMigrations.ts"

/** The baseline's tables, which the role may read and no more, and what else its administrator has `granted`. */
const asReader = (...granted: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const { name, url } = yield* freshDatabase
    const role = `reader_${name}`
    const administrator = yield* Layer.build(testClient(url))
    yield* Effect.acquireRelease(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        yield* run(`CREATE ROLE ${role}`)
        yield* run(`GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${role}`)
        yield* Effect.forEach(granted, (statement) => run(statement.replaceAll("$role", role)), { discard: true })
      }),
      () => Effect.orDie(Effect.andThen(run(`DROP OWNED BY ${role}`), run(`DROP ROLE ${role}`)))
    ).pipe(Effect.provide(administrator))
    return { administrator, reader: PgClient.layer({ url, startupParameters: { role, search_path: "public, own" } }) }
  })

const ledgerOf = (columns: string) => `CREATE TABLE tbg_api_migrations (
  migration_id integer PRIMARY KEY, created_at timestamptz NOT NULL DEFAULT now(), name text NOT NULL${columns})`

const fullLedger = ledgerOf(", checksum text, fingerprint text, version text, mode text")
const grantLedger = "GRANT SELECT, INSERT, UPDATE, DELETE ON tbg_api_migrations TO $role"

describe("a role with no right but to read the baseline's tables", () => {
  it.effect.each([
    ["the ledger that its administrator made", [fullLedger, grantLedger]],
    ["a schema of its own in its search path", ["CREATE SCHEMA own AUTHORIZATION $role"]]
  ] as const)("records the baseline in %s", ([, granted]) =>
    Effect.gen(function* () {
      const { administrator, reader } = yield* asReader(...granted)
      const before = yield* Effect.provide(fingerprint, administrator)
      yield* Effect.gen(function* () {
        const { down, stepsDown, up } = yield* migrationsWith()
        assert.strictEqual((yield* Effect.flip(run("CREATE INDEX ON users (id)"))).reason._tag, "AuthorizationError")
        assert.deepStrictEqual(namesOf(yield* up), ["0001_baseline"])
        assert.deepStrictEqual(yield* records, [{ id: 1, name: "baseline" }])
        yield* down(yield* stepsDown(0))
        assert.deepStrictEqual(namesOf(yield* up), ["0001_baseline"])
      }).pipe(Effect.provide(reader))
      assert.deepStrictEqual(yield* Effect.provide(fingerprint, administrator), before)
    })
  )

  it.effect("goes on at the newest step of a ledger that it may not complete, and warns", () =>
    Effect.gen(function* () {
      const { reader } = yield* asReader(
        ledgerOf(""),
        "INSERT INTO tbg_api_migrations (migration_id, name) VALUES (1, 'baseline')",
        grantLedger
      )
      const logs = yield* capturedLogs
      yield* Effect.gen(function* () {
        const { newest, up } = yield* migrationsWith()
        assert.deepStrictEqual(namesOf(yield* up), [])
        assert.strictEqual(yield* newest, "0001_baseline")
      }).pipe(Effect.provide(logs.layer), Effect.provide(reader))
      assert.deepStrictEqual(logs.warnings(), [
        "the role may not complete tbg_api_migrations: steps that change are not noticed"
      ])
    })
  )

  it.effect("is told what it lacks for a step of ours, and nothing is left behind", () =>
    Effect.gen(function* () {
      const { reader } = yield* asReader(fullLedger, grantLedger)
      yield* Effect.gen(function* () {
        const { up } = yield* migrationsWith({ folder: fixtureFolder("notes") })
        assert.match((yield* Effect.flip(up)).message, /create_notes.*: permission denied for schema public$/)
        assert.deepStrictEqual(yield* records, [])
      }).pipe(Effect.provide(reader))
    })
  )
})
