import { Effect } from "effect"
import { liveCatalog } from "../../src/baseline/Catalog.ts"
import { differencesOf, fingerprintOf } from "../../src/baseline/Expectations.ts"
import { repairOf } from "../../src/baseline/Repair.ts"
import { catalogStatements, runAll } from "./Catalog.ts"
import { plainCatalog } from "./CatalogFixture.ts"
import { withRollback } from "./TestDatabase.ts"

/** Severity, problem and object of a difference. */
export type Named = readonly ["blocking" | "warning", "missing" | "different", string]

/** Differences of a catalog by name, and its fingerprint. */
export const readDifferences = Effect.map(liveCatalog, (catalog) => ({
  named: differencesOf(catalog).map(({ object, problem, severity }): Named => [severity, problem, object]),
  fingerprint: fingerprintOf(catalog),
  repair: repairOf(catalog)
}))

/** The schema of the init script without TimescaleDB and without rows. */
export const plainSchema = runAll(catalogStatements(plainCatalog))

/** Changes the schema, compares, repairs, compares again, and rolls everything back. */
export const mutate = (statements: ReadonlyArray<string>) =>
  withRollback(
    Effect.gen(function* () {
      const before = yield* readDifferences
      yield* runAll(statements)
      const changed = yield* readDifferences
      yield* runAll(changed.repair.statements.map(({ sql }) => sql))
      return { before, changed, after: yield* readDifferences }
    })
  )
