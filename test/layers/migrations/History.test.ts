import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import {
  pendingMigrations,
  migrationName,
  migrationsAbove,
  parseFiles
} from "../../../src/layers/migrations/History.ts"
import { MigrationRefused } from "../../../src/layers/migrations/Refusal.ts"

const first = { id: 1, name: "baseline" }
const second = { id: 2, name: "create_posts" }
const third = { id: 3, name: "add_keys" }

const loaded = (step: typeof first, checksum = `sum of ${step.name}`) => ({
  ...step,
  file: `${migrationName(step)}.ts`,
  checksum
})
const applied = (step: typeof first, checksum: string | null = `sum of ${step.name}`) => ({
  ...step,
  appliedAt: "2026-01-02T03:04:05.000Z",
  checksum
})

const refused = (message: string) => Result.fail(new MigrationRefused({ message }))

describe("the migrations of a folder", () => {
  it("are its files in numeric order, from sources and bundle alike", () => {
    assert.deepStrictEqual(
      parseFiles(["0002_create_posts.ts", "0001_baseline.ts"]),
      Result.succeed([
        { ...first, file: "0001_baseline.ts" },
        { ...second, file: "0002_create_posts.ts" }
      ])
    )
    assert.deepStrictEqual(
      parseFiles(["0001_baseline.js", "0001_baseline.js.map", "checksums.json", ".keep"]),
      Result.succeed([{ ...first, file: "0001_baseline.js" }])
    )
  })

  it.each(["1_baseline.ts", "0001-baseline.ts", "0001_Baseline.ts", "0000_zero.ts", "0001_.ts", "0001_a.sql", "notes"])(
    "exclude %s, which the error names",
    (file) => {
      assert.deepStrictEqual(
        parseFiles(["0001_baseline.ts", file]),
        refused(`migrations: invalid file name ${file}: expected NNNN_verb_noun.ts in lower case, numbered from 0001`)
      )
    }
  )

  it("have unique numbers", () => {
    assert.deepStrictEqual(
      parseFiles(["0001_baseline.ts", "0001_other.ts"]),
      refused("migrations: 0001_baseline and 0001_other have the same number")
    )
  })

  it("have a name made of number and verb", () => {
    assert.strictEqual(migrationName(first), "0001_baseline")
  })
})

describe("pending migrations", () => {
  it("are all of them on a new database", () => {
    const steps = [loaded(first), loaded(second)]
    assert.deepStrictEqual(pendingMigrations(steps, []), Result.succeed(steps))
  })

  it("are those above the latest record", () => {
    assert.deepStrictEqual(
      pendingMigrations([loaded(first), loaded(second), loaded(third)], [applied(first)]),
      Result.succeed([loaded(second), loaded(third)])
    )
  })

  it("are empty at the latest migration", () => {
    assert.deepStrictEqual(
      pendingMigrations([loaded(first), loaded(second)], [applied(first), applied(second)]),
      Result.succeed([])
    )
  })

  it("are empty on a database of a newer version", () => {
    assert.deepStrictEqual(pendingMigrations([loaded(first)], [applied(first), applied(second)]), Result.succeed([]))
  })

  it("are an error that names an older migration that was never applied", () => {
    assert.deepStrictEqual(
      pendingMigrations([loaded(first), loaded(second), loaded(third)], [applied(first), applied(third)]),
      refused("migrations: 0002_create_posts was never applied and is older than the newest one applied (0003)")
    )
  })

  it("are an error that names a migration that changed after it was applied", () => {
    assert.deepStrictEqual(
      pendingMigrations([loaded(first), loaded(second)], [applied(first, "another sum")]),
      refused("migrations: 0001_baseline has changed since it was applied: its checksum does not match")
    )
  })

  it("are listed if an older version stored no checksum", () => {
    assert.deepStrictEqual(pendingMigrations([loaded(first)], [applied(first, null)]), Result.succeed([]))
  })
})

describe("the rollback target", () => {
  const records = [applied(first), applied(second), applied(third)]

  it("defaults to one migration back", () => {
    assert.deepStrictEqual(migrationsAbove(records, "previous"), Result.succeed([applied(third)]))
    assert.deepStrictEqual(migrationsAbove([], "previous"), Result.succeed([]))
  })

  it("rolls back all migrations above it, newest first", () => {
    assert.deepStrictEqual(migrationsAbove(records, 1), Result.succeed([applied(third), applied(second)]))
    assert.deepStrictEqual(
      migrationsAbove(records, 0),
      Result.succeed([applied(third), applied(second), applied(first)])
    )
    assert.deepStrictEqual(migrationsAbove(records, 3), Result.succeed([]))
  })

  it("is rejected if it is not applied", () => {
    assert.deepStrictEqual(
      migrationsAbove([applied(first)], 2),
      refused("migrations: 0002 is not applied, so nothing can be rolled back to it")
    )
  })
})
