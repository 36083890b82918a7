import { spawnSync } from "node:child_process"
import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { build } from "rolldown"
import config from "../clients/typescript/rolldown.config.ts"
import { endpointTypes } from "./client/EndpointTypes.ts"
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
writeFileSync(join(dist, "types/clients/typescript/src/Endpoint.d.ts"), endpointTypes)
for (const contract of ["domain", "http/api", "http/Errors.d.ts"])
  rmSync(join(dist, "types/src", contract), { recursive: true })
process.exitCode = status ?? 1
