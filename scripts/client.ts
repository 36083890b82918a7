import { spawnSync } from "node:child_process"
import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { build } from "rolldown"
import config from "../clients/typescript/rolldown.config.ts"
import { endpointTypes, liveTypes } from "./client/EndpointTypes.ts"
import { promiseTypes } from "./client/PromiseTypes.ts"

// Builds clients/typescript/dist: JavaScript and the types of both entry points.
const folder = join(import.meta.dirname, "..", "clients", "typescript")
const dist = join(folder, "dist")
rmSync(dist, { recursive: true, force: true })
for (const options of config) await build(options)
const tsc = join(import.meta.dirname, "..", "node_modules", "typescript", "bin", "tsc")
const { status } = spawnSync(process.execPath, [tsc, "-p", folder], { stdio: "inherit" })
writeFileSync(join(dist, "promise.d.ts"), promiseTypes)
// The types of the contract itself are four times as large as those that are printed from it.
const types = join(dist, "types")
writeFileSync(join(types, "clients/typescript/src/Endpoint.d.ts"), endpointTypes)
writeFileSync(join(types, "clients/typescript/src/LiveUpdate.d.ts"), liveTypes)
for (const contract of ["domain", "http/api", "http/Errors.d.ts"])
  rmSync(join(types, "src", contract), { recursive: true })
process.exitCode = status ?? 1
