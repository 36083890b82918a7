import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Record } from "effect"
import { createdObjects, ownTablesText, readTables } from "../../scripts/own-tables/OwnTables.ts"
import { catalogSnapshot, catalogWith } from "../../src/baseline/Catalog.ts"
import { ownDifferencesOf } from "../../src/baseline/OwnExpectations.ts"
import { ownTables, teamFunctions } from "../../src/baseline/OwnTables.ts"
import { inSnapshot } from "../../src/baseline/Snapshot.ts"
import { baselineTables } from "../../src/domain/mining/Tables.ts"
import { runAll } from "../support/Catalog.ts"
import { ownTableNames, tableNames } from "../support/Fingerprint.ts"
import { migrateToLatest, currentDifferences } from "../support/OwnSchema.ts"
import { onFreshDatabase } from "../support/TestMigrations.ts"

describe("src/baseline/OwnTables.json", () => {
  it.live("matches what the migrations create on the embedded database; otherwise run npm run own-tables", () =>
    Effect.gen(function* () {
      assert.strictEqual(readFileSync("src/baseline/OwnTables.json", "utf8"), yield* ownTablesText)
    })
  )

  it.effect("matches what the migrations create on Postgres", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* onFreshDatabase(createdObjects), { tables: ownTables, teamFunctions })
    })
  )

  it.effect("lists every table of a migrated database, without a difference", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* migrateToLatest
        assert.deepStrictEqual((yield* inSnapshot(currentDifferences)).named, [])
        assert.sameMembers(yield* tableNames, Object.keys(baselineTables))
        assert.sameMembers(yield* ownTableNames, ["migrations", ...Object.keys(ownTables)])
      })
    )
  )

  it.effect("expects nothing before the ledger has the migration", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        const catalog = yield* catalogSnapshot
        assert.deepStrictEqual(ownDifferencesOf(catalog, ["0001_baseline", "0002_create_teams_keys_posts"]), [])
        const migration = "0004_move_to_schema"
        assert.sameMembers(
          ownDifferencesOf(catalog, [migration]).map(({ object }) => object),
          Object.entries(ownTables).flatMap(([name, table]) => (table.migration === migration ? [`table ${name}`] : []))
        )
      })
    )
  )
})

const partitioned = [
  "CREATE SCHEMA tbg_api",
  `CREATE TABLE tbg_api.events (id bigint, at timestamptz, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)`,
  "CREATE INDEX events_at_idx ON tbg_api.events (at)",
  "CREATE TABLE tbg_api.events_2026 PARTITION OF tbg_api.events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
  `CREATE TABLE tbg_api.notes (id bigint, at timestamptz,
    CONSTRAINT notes_event_fkey FOREIGN KEY (id, at) REFERENCES tbg_api.events)`
]

const addPartition =
  "CREATE TABLE tbg_api.events_2027 PARTITION OF tbg_api.events FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')"

describe("a partitioned table", () => {
  it.effect("is read as one table, whatever its partitions", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* runAll(partitioned)
        const created = yield* readTables
        yield* runAll([addPartition])
        assert.deepStrictEqual(yield* readTables, created)
        assert.deepStrictEqual(Object.keys(created), ["events", "notes"])
        const { constraints, indexes, partitionKey } = created["events"] ?? {}
        assert.deepStrictEqual(
          { constraints, indexes, partitionKey },
          {
            constraints: { events_pkey: "PRIMARY KEY (id, at)" },
            indexes: { events_at_idx: "CREATE INDEX events_at_idx ON events USING btree (at)" },
            partitionKey: "RANGE (at)"
          }
        )
        assert.deepStrictEqual(Object.keys(created["notes"]?.constraints ?? {}), ["notes_event_fkey"])
      })
    )
  )

  it.effect("is a difference if its partition key differs or is missing", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* runAll(partitioned)
        const created = yield* readTables
        const expected = Record.map(created, (table) => ({ migration: "0001_create_events", ...table }))
        const differencesAfter = Effect.fnUntraced(function* (...statements: ReadonlyArray<string>) {
          yield* runAll(statements)
          const catalog = yield* inSnapshot(catalogWith(Object.keys(expected)))
          return ownDifferencesOf(catalog, ["0001_create_events"], expected).map((one) => [one.problem, one.object])
        })
        assert.deepStrictEqual(yield* differencesAfter(addPartition), [])
        const again = ["DROP TABLE tbg_api.notes, tbg_api.events", ...partitioned.slice(1)]
        assert.deepStrictEqual(
          yield* differencesAfter(
            ...again.map((statement) => statement.replace("RANGE (at)", "RANGE (id)")).slice(0, 3)
          ),
          [
            ["different", "partition key of events"],
            ["missing", "table notes"]
          ]
        )
        assert.deepStrictEqual(
          yield* differencesAfter(
            "DROP TABLE tbg_api.events",
            "CREATE TABLE tbg_api.events (id bigint, at timestamptz, PRIMARY KEY (id, at))",
            "CREATE INDEX events_at_idx ON tbg_api.events (at)"
          ),
          [
            ["missing", "partition key of events"],
            ["missing", "table notes"]
          ]
        )
      })
    )
  )
})
