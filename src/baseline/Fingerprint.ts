import { createHash } from "node:crypto"
import type { Catalog } from "./Catalog.ts"
import { expectationsOf } from "./Expectations.ts"

/**
 * SHA-256, as 64 hex digits, of the baseline as found: the JSON list of `[object, found]`, ordered by object. It changes only if `differencesOf` would see a change, so not with versions of
 * Postgres and TimescaleDB, names of indexes and constraints, or additions by others.
 */
export const fingerprintOf = (catalog: Catalog): string => {
  const found = new Map(expectationsOf(catalog).map(({ found, object }) => [object, found]))
  const ordered = [...found.keys()].toSorted().map((object) => [object, found.get(object)])
  return createHash("sha256").update(JSON.stringify(ordered)).digest("hex")
}
