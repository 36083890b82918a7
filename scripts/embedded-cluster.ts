/** Remakes the cluster that an embedded database starts from. To be run after each change of PGlite's version. */
import { writeFileSync } from "node:fs"
import { brotliCompressSync } from "node:zlib"
import { clusterFile, newCluster } from "../src/layers/embedded/Cluster.ts"

const archive = await newCluster()
const compressed = brotliCompressSync(archive)
writeFileSync(clusterFile, compressed)
console.log(`${archive.length} bytes, ${compressed.length} compressed`)
