// Writes the initial cluster of the embedded database, which saves 3 s and 600 MB of initdb. Run it again after each
// upgrade of PGlite.
import { PGlite } from "@electric-sql/pglite"
import { writeFileSync } from "node:fs"
import { clusterFile } from "../src/layers/embedded/OpenPglite.ts"

const db = await PGlite.create({
  initDbStartParams: ["--wal-segsize=1"],
  startParams: [...PGlite.defaultStartParams, "-c", "wal_recycle=off"]
})
// Without the template databases, which are not needed, the cluster has 9 MB instead of 39.
for (const statement of [
  "UPDATE pg_database SET datistemplate = false WHERE datname <> current_database()",
  "DROP DATABASE template1",
  "DROP DATABASE template0",
  "VACUUM FULL",
  "VACUUM FREEZE",
  "CHECKPOINT",
  "CHECKPOINT"
]) {
  await db.exec(statement)
}
const archive = Buffer.from(await (await db.dumpDataDir("gzip")).arrayBuffer())
await db.close()
writeFileSync(clusterFile, archive)
console.log(`${archive.length} bytes`)
