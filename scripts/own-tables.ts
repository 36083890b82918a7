import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"

// Writes src/baseline/OwnTables.json from the migrations. A test compares the two.
const path = join(import.meta.dirname, "..", "src", "baseline", "OwnTables.json")

// Emptied first, because the code that reads the catalog loads this file, and it may contain merge conflicts.
writeFileSync(path, '{ "tables": {}, "teamFunctions": [] }')
const { ownTablesText } = await import("./own-tables/OwnTables.ts")
writeFileSync(path, await Effect.runPromise(ownTablesText))
