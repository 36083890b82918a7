import * as PgClient from "@effect/sql-pg/PgClient"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { existingDatabase } from "../support/Catalog.ts"
import { plainCatalog } from "../support/CatalogFixture.ts"
import { capturedLogs } from "../support/CapturedLogs.ts"
import { fingerprint } from "../support/Fingerprint.ts"
import { freshDatabase, testClient } from "../support/TestDatabase.ts"
import { fixtureFolder, migrationsWith, namesOf, records, run } from "../support/TestMigrations.ts"

/** A database whose baseline tables the role may only read, with additional `granted` privileges. */
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
    return { administrator, reader: PgClient.layer({ url, startupParameters: { role } }) }
  })

const ledgerOf = (name: string, columns = ", checksum text, fingerprint text, version text, mode text") =>
  `CREATE TABLE ${name} (migration_id integer PRIMARY KEY, created_at timestamptz NOT NULL DEFAULT now(),
    name text NOT NULL${columns})`

const own = "tbg_api.migrations"
const schema = ["CREATE SCHEMA tbg_api", "GRANT USAGE ON SCHEMA tbg_api TO $role"]
const grantOn = (name: string) => `GRANT SELECT, INSERT, UPDATE, DELETE ON ${name} TO $role`
const administrators = [...schema, ledgerOf(own), grantOn(own)]

describe("a role that may only read the baseline's tables", () => {
  it.effect.each([
    ["the ledger that its administrator created", administrators],
    ["the schema that its administrator created", ["CREATE SCHEMA tbg_api AUTHORIZATION $role"]]
  ] as const)("records the baseline in %s", ([, granted]) =>
    Effect.gen(function* () {
      const { administrator, reader } = yield* asReader(...granted)
      const before = yield* Effect.provide(fingerprint, administrator)
      yield* Effect.gen(function* () {
        const { down, namesAbove, up } = yield* migrationsWith()
        assert.strictEqual(
          (yield* Effect.flip(run("CREATE INDEX ON public.users (id)"))).reason._tag,
          "AuthorizationError"
        )
        assert.deepStrictEqual(namesOf(yield* up), ["0001_baseline"])
        assert.deepStrictEqual(yield* records, [{ id: 1, name: "baseline" }])
        yield* down(yield* namesAbove(0))
        assert.deepStrictEqual(namesOf(yield* up), ["0001_baseline"])
      }).pipe(Effect.provide(reader))
      assert.deepStrictEqual(yield* Effect.provide(fingerprint, administrator), before)
    })
  )

  it.effect("continues with a warning at the latest migration of a ledger that it may not complete", () =>
    Effect.gen(function* () {
      const { reader } = yield* asReader(
        ...schema,
        ledgerOf(own, ""),
        `INSERT INTO ${own} (migration_id, name) VALUES (1, 'baseline')`,
        grantOn(own)
      )
      const logs = yield* capturedLogs
      yield* Effect.gen(function* () {
        const { newest, up } = yield* migrationsWith()
        assert.deepStrictEqual(namesOf(yield* up), [])
        assert.strictEqual(yield* newest, "0001_baseline")
      }).pipe(Effect.provide(logs.layer), Effect.provide(reader))
      assert.deepStrictEqual(logs.warnings(), [
        "role may not update tbg_api.migrations; changed migrations are not detected"
      ])
    })
  )

  it.effect("gets an error that names the missing privilege for a migration, and nothing changes", () =>
    Effect.gen(function* () {
      const { reader } = yield* asReader(...administrators)
      yield* Effect.gen(function* () {
        const { up } = yield* migrationsWith({ folder: fixtureFolder("notes") })
        assert.match((yield* Effect.flip(up)).message, /create_notes.*: permission denied for schema tbg_api$/)
        assert.deepStrictEqual(yield* records, [])
      }).pipe(Effect.provide(reader))
    })
  )

  it.effect("gets the SQL that moves the ledger of an earlier version, if only an administrator can move it", () =>
    Effect.gen(function* () {
      const former = "public.tbg_api_migrations"
      const { reader } = yield* asReader("CREATE SCHEMA tbg_api AUTHORIZATION $role", ledgerOf(former), grantOn(former))
      yield* Effect.gen(function* () {
        const { message } = yield* Effect.flip((yield* migrationsWith()).up)
        // A database may quote all identifiers by default.
        const [words, ...statements] = message.replaceAll('"', "").split("\n")
        assert.match(
          words ?? "",
          /^migrations: the role reader_\w+ may not move the ledger public\.tbg_api_migrations to the schema tbg_api; /
        )
        assert.deepStrictEqual(statements, [
          `ALTER TABLE ${former} SET SCHEMA tbg_api;`,
          "ALTER TABLE tbg_api.tbg_api_migrations RENAME TO migrations;"
        ])
      }).pipe(Effect.provide(reader))
    })
  )
})
