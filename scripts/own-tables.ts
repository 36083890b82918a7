import { writeFileSync } from "node:fs"
import { Effect } from "effect"
import { ownTablesFile, ownTablesText } from "./own-tables/OwnTables.ts"

// Writes src/baseline/OwnTables.json from the migrations. A test compares the two.
writeFileSync(ownTablesFile, await Effect.runPromise(ownTablesText))
