import type { Catalog } from "./Catalog.ts"
import type { Expectation } from "./Expectation.ts"
import { plainExpectations } from "./PlainExpectations.ts"
import { timescaleExpectations } from "./TimescaleExpectations.ts"

/**
 * Everything that the baseline wants of this database, beside what is there. What a missing object would have is not
 * asked for by itself, and nothing of TimescaleDB where it is not installed.
 */
export const expectationsOf = (catalog: Catalog): ReadonlyArray<Expectation> => [
  ...plainExpectations(catalog),
  ...(catalog.timescale ? timescaleExpectations(catalog) : [])
]
