import * as PgClient from "@effect/sql-pg/PgClient"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { existingDatabase, runAll } from "../support/Catalog.ts"
import { plainCatalog } from "../support/CatalogFixture.ts"
import { fingerprint } from "../support/Fingerprint.ts"
import { freshDatabase, testClient } from "../support/TestDatabase.ts"
import { migrationsWith, run } from "../support/TestMigrations.ts"

/** A half-loaded database whose tables belong to a role, and a second role with `rights`. */
const halfLoaded = Effect.fnUntraced(function* (...rights: ReadonlyArray<string>) {
  const { name, url } = yield* freshDatabase
  const [owner, other] = [`owner_${name}`, `other_${name}`]
  const administrator = yield* Layer.build(testClient(url))
  yield* Effect.acquireRelease(
    Effect.gen(function* () {
      yield* runAll([`CREATE ROLE ${owner}`, `CREATE ROLE ${other}`])
      yield* runAll([`GRANT CREATE ON SCHEMA public TO ${owner}, ${other}`, `SET ROLE ${owner}`])
      yield* existingDatabase(plainCatalog)
      yield* runAll(["DROP TABLE rate_limit_events, schema_migrations", "DROP INDEX idx_shares_valid", "RESET ROLE"])
      yield* runAll(rights.map((right) => right.replaceAll("$owner", owner).replaceAll("$other", other)))
    }),
    () => Effect.orDie(runAll([`DROP OWNED BY ${owner}, ${other} CASCADE`, `DROP ROLE ${owner}, ${other}`]))
  ).pipe(
    Effect.provide(
      yield* Layer.build(PgClient.layer({ url, maxConnections: 1, startupParameters: { search_path: "public" } }))
    )
  )
  const as = (role: string) => PgClient.layer({ url, startupParameters: { role, search_path: "public" } })
  return { owner, other, administrator, as }
})

const owners = run(`SELECT DISTINCT pg_get_userbyid(relowner) AS owner FROM pg_class
  WHERE relnamespace = 'public'::regnamespace`)

const repaired = Effect.gen(function* () {
  const { drift, lacking, repair } = yield* migrationsWith()
  const { statements } = yield* lacking
  yield* repair(statements)
  return yield* drift
})

describe("a repair by another role than the tables' owner", () => {
  it.effect("gives the new tables to the owner if a superuser runs it", () =>
    Effect.gen(function* () {
      const { administrator, owner } = yield* halfLoaded()
      assert.strictEqual(yield* Effect.provide(repaired, administrator), "none")
      assert.deepStrictEqual(yield* Effect.provide(owners, administrator), [{ owner }])
    })
  )

  it.effect("gives the new tables to the owner if a member of that role runs it", () =>
    Effect.gen(function* () {
      const { administrator, as, other, owner } = yield* halfLoaded("GRANT $owner TO $other")
      assert.strictEqual(yield* Effect.provide(repaired, as(other)), "none")
      assert.deepStrictEqual(yield* Effect.provide(owners, administrator), [{ owner }])
    })
  )

  it.effect("is refused with the statements to run if the role may not", () =>
    Effect.gen(function* () {
      const { administrator, as, other, owner } = yield* halfLoaded()
      const before = yield* Effect.provide(fingerprint, administrator)
      const { message } = yield* Effect.flip(Effect.provide(repaired, as(other)))
      const [words, ...statements] = message.split("\n")
      assert.strictEqual(
        words,
        `migrations: the role "${other}" may not create the missing objects; nothing was changed. An administrator must run:`
      )
      const script = statements.join("\n").replaceAll('"', "")
      assert.include(script, `ALTER TABLE rate_limit_events OWNER TO ${owner};\n`)
      assert.include(script, "CREATE INDEX idx_shares_valid ON shares ")
      assert.deepStrictEqual(yield* Effect.provide(fingerprint, administrator), before)
    })
  )
})
