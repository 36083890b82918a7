import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"

// Writes src/baseline/OwnTables.json from the migrations. A test compares the two.
const path = join(import.meta.dirname, "..", "src", "baseline", "OwnTables.json")

// The code that reads the catalog loads the file, which may be outdated or have a merge conflict.
writeFileSync(path, '{ "tables": {}, "teamFunctions": [] }')
const { ownTablesText } = await import("./own-tables/OwnTables.ts")
writeFileSync(path, await Effect.runPromise(ownTablesText))
