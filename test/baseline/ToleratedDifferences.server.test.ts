import { PgClient } from "@effect/sql-pg"
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { catalogSnapshot } from "../../src/baseline/Catalog.ts"
import { creationStatements } from "../../src/baseline/Creation.ts"
import { fingerprintOf } from "../../src/baseline/Expectations.ts"
import { catalogStatements, existingDatabase, runAll } from "../support/Catalog.ts"
import { plainCatalog } from "../support/CatalogFixture.ts"
import { openClient } from "../support/EmbeddedFolder.ts"
import { catalogOfFixture } from "../support/CatalogOfFixture.ts"
import { readDifferences, mutate, plainSchema } from "../support/Mutation.ts"
import { freshDatabase, testClient } from "../support/TestDatabase.ts"
import { onFreshDatabase } from "../support/TestMigrations.ts"

const Plain = Layer.unwrap(
  Effect.map(freshDatabase, ({ url }) => Layer.effectDiscard(plainSchema).pipe(Layer.provideMerge(testClient(url))))
)

const tolerated: ReadonlyArray<readonly [string, ReadonlyArray<string>]> = [
  ["a column of others", ["ALTER TABLE users ADD email text NOT NULL DEFAULT ''"]],
  ["an index of others", ["CREATE INDEX mine ON shares (block_hash)"]],
  ["a constraint of others", ["ALTER TABLE users ADD CHECK (length(country_code) = 2)"]],
  ["a table of others", ["CREATE TABLE theirs (id int REFERENCES weekly_best_diff (id))"]],
  [
    "a trigger",
    ["CREATE TRIGGER t BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()"]
  ],
  ["another name of an index", ["ALTER INDEX idx_shares_address RENAME TO shares_btc_address_time_idx"]],
  ["an awkward name of an index", [`ALTER INDEX idx_blocks_user RENAME TO "by ""user"" ON x"`]],
  ["another name of a constraint", ["ALTER TABLE blocks RENAME CONSTRAINT blocks_user_id_fkey TO blocks_fk1"]],
  ["another name of a key", ["ALTER TABLE users RENAME CONSTRAINT users_pkey TO pk_users"]],
  ["storage of an index", ["ALTER INDEX idx_workers_online SET (fillfactor = 70)"]],
  ["storage of a table", ["ALTER TABLE shares SET (autovacuum_enabled = false)"]],
  ["the sequence of a table that had another name", ["ALTER SEQUENCE users_id_seq RENAME TO miners_id_seq"]],
  ["CURRENT_TIMESTAMP", ["ALTER TABLE users ALTER created_at SET DEFAULT CURRENT_TIMESTAMP"]],
  ["a default with another cast", ["ALTER TABLE workers ALTER source SET DEFAULT 'hosted'::text"]],
  ["a number in quotes", ["ALTER TABLE weekly_best_diff ALTER total_shares SET DEFAULT '0'::bigint"]],
  ["an aggregate's name on a view, without TimescaleDB", ["CREATE VIEW hourly_shares AS SELECT 1 AS bucket"]],
  ["another order of columns", ["ALTER TABLE shares DROP nonce", "ALTER TABLE shares ADD nonce character varying(16)"]]
]

describe("a tolerated difference", () => {
  layer(Plain)((it) => {
    it.effect.each(tolerated)("%s is not a difference and does not change the fingerprint", ([, statements]) =>
      Effect.gen(function* () {
        const { before, changed } = yield* mutate(statements)
        assert.deepStrictEqual(changed.named, [])
        assert.deepStrictEqual(changed.repair, { statements: [], manual: [] })
        assert.strictEqual(changed.fingerprint, before.fingerprint)
      })
    )
  })
})

describe("the fingerprint", () => {
  const expected = fingerprintOf(catalogOfFixture(plainCatalog))

  it("has 64 hexadecimal digits", () => assert.match(expected, /^[0-9a-f]{64}$/))

  it.effect("is derived from the catalog on this server", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        assert.strictEqual(fingerprintOf(yield* catalogSnapshot), expected)
      })
    )
  )

  it.effect.each([
    ["the init script's", catalogStatements(plainCatalog)],
    ["this program's", creationStatements({ timescale: false, isPresent: () => false })]
  ] as const)("is the same on Postgres 18, on the %s schema", ([, statements]) =>
    Effect.gen(function* () {
      yield* runAll(statements)
      const { fingerprint, named } = yield* readDifferences
      assert.deepStrictEqual(named, [])
      assert.strictEqual(fingerprint, expected)
    }).pipe(Effect.provide(PgClient.layerFrom(openClient(undefined))))
  )

  it.effect("is the same if the tables are in a schema with a name that needs quotes", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const moved = [`CREATE SCHEMA "Our ""app"""`, `SET LOCAL search_path = "Our ""app"""`]
        const hidden = sql.withTransaction(
          Effect.gen(function* () {
            yield* runAll([...moved, ...creationStatements({ timescale: false, isPresent: () => false })])
            // Tables are visible through their schema; a sequence of the same name earlier in the path hides theirs.
            yield* runAll(["CREATE SCHEMA first", "CREATE SEQUENCE first.users_id_seq"])
            yield* runAll([`SET LOCAL search_path = first, "Our ""app"""`])
            return yield* readDifferences
          })
        )
        const looked = yield* hidden
        assert.deepStrictEqual(looked.named, [])
        assert.strictEqual(looked.fingerprint, expected)
      })
    )
  )
})

describe("an unrelated database with tables of the same names", () => {
  it.effect("is reported column by column, and a repair changes nothing", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        const theirs = Object.keys(plainCatalog.tables).map((name) => `CREATE TABLE ${name} (theirs int)`)
        yield* runAll(theirs)
        const { named, repair } = yield* readDifferences
        const columns = Object.entries(plainCatalog.tables).flatMap(([table, { columns }]) =>
          columns.map(({ name }) => `column ${table}.${name}`)
        )
        const blocking = named.filter(([severity]) => severity === "blocking")
        assert.sameMembers(
          blocking.map(([, , object]) => object),
          columns
        )
        assert.deepStrictEqual(repair.statements, [])
        assert.strictEqual(repair.manual.length, named.length)
      })
    )
  )

  it.effect("is not changed by a repair if it has no core table", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        const { named, repair } = yield* readDifferences
        assert.strictEqual(named.length, 8)
        assert.deepStrictEqual(repair.statements, [])
        assert.strictEqual(repair.manual.length, 8)
      })
    )
  )
})
