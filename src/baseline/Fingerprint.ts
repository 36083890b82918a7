import { createHash } from "node:crypto"
import type { Catalog } from "./Catalog.ts"
import { expectationsOf } from "./Expectations.ts"

/**
 * SHA-256, as 64 hex digits, of what the database has in the place of each object of the baseline: of canonical JSON, a
 * list of `[object, found]` ordered by object. It stays the same where `differencesOf` sees nothing change: across
 * versions of Postgres and of TimescaleDB, other names of indexes and constraints, and whatever others add.
 */
export const fingerprintOf = (catalog: Catalog): string => {
  const found = new Map(expectationsOf(catalog).map(({ found, object }) => [object, found]))
  const ordered = [...found.keys()].toSorted().map((object) => [object, found.get(object)])
  return createHash("sha256").update(JSON.stringify(ordered)).digest("hex")
}
