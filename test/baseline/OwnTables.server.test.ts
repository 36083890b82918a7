import { PgClient } from "@effect/sql-pg"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Record } from "effect"
import { catalogSnapshot } from "../../src/baseline/Catalog.ts"
import { ownDifferencesOf } from "../../src/baseline/OwnExpectations.ts"
import { ownTables, teamWall } from "../../src/baseline/OwnTables.ts"
import { baselineTables } from "../../src/baseline/Schema.ts"
import { inSnapshot } from "../../src/baseline/Snapshot.ts"
import { openClient } from "../support/EmbeddedFolder.ts"
import { ownTableNames, tableNames } from "../support/Fingerprint.ts"
import { ownSchema, seenNow } from "../support/OwnSchema.ts"
import { ownSteps } from "../support/OwnSteps.ts"
import { onFreshDatabase } from "../support/TestMigrations.ts"

/** What the declaration says of all tables, in the shape in which the catalog is read. */
const declared = Record.map(ownTables, ({ columns, constraints, indexes, walled }) => ({
  columns,
  constraints,
  indexes,
  rowSecurity: walled ? "enabled" : null,
  policies: walled ? { [teamWall.name]: teamWall.definition } : {}
}))

/** All that is there of our own tables; an index that backs a constraint is told by the constraint. */
const made = Effect.map(catalogSnapshot, ({ tables }) => {
  const own = Record.filter(tables, (_, name) => Object.hasOwn(ownTables, name))
  return Record.map(own, (table) => ({
    ...table,
    indexes: Record.filter(table.indexes, (_, name) => !Object.hasOwn(table.constraints, name))
  }))
})

const agrees = Effect.gen(function* () {
  yield* ownSchema
  assert.deepStrictEqual(yield* made, declared)
  assert.deepStrictEqual((yield* inSnapshot(seenNow)).named, [])
  assert.sameMembers(yield* tableNames, Object.keys(baselineTables))
  assert.sameMembers(yield* ownTableNames, ["migrations", ...Object.keys(ownTables)])
})

describe("the declaration of our own tables", () => {
  it.effect("is all that the migrations make on Postgres, and no more", () => onFreshDatabase(agrees))

  it.live("is all that they make on the embedded database, and no more", () =>
    Effect.provide(agrees, PgClient.layerFrom(openClient(undefined)))
  )

  it.effect("names steps that there are", () =>
    Effect.gen(function* () {
      assert.includeMembers(
        [...(yield* ownSteps)],
        Object.values(ownTables).map(({ step }) => step)
      )
    })
  )

  it.effect("wants nothing before the ledger has the step", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        const catalog = yield* catalogSnapshot
        assert.deepStrictEqual(ownDifferencesOf(catalog, ["0001_baseline", "0002_create_other"]), [])
        const step = "0004_move_to_schema"
        assert.deepStrictEqual(
          ownDifferencesOf(catalog, [step]).map(({ object }) => object),
          Object.entries(ownTables).flatMap(([name, table]) => (table.step === step ? [`table ${name}`] : []))
        )
      })
    )
  )
})
