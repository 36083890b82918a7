import { createHash } from "node:crypto"
import type { Catalog } from "./Catalog.ts"
import { expectationsOf } from "./Expectations.ts"

/**
 * SHA-256 in hexadecimal of the baseline as found: the JSON list of `[object, found]`, ordered by object. It changes only
 * if `differencesOf` would report a change. Versions of Postgres and TimescaleDB, names of indexes and constraints, and
 * additions by others do not affect it.
 */
export const fingerprintOf = (catalog: Catalog): string => {
  const found = new Map(expectationsOf(catalog).map(({ found, object }) => [object, found]))
  const ordered = [...found.keys()].toSorted().map((object) => [object, found.get(object)])
  return createHash("sha256").update(JSON.stringify(ordered)).digest("hex")
}
