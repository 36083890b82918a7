import { spawnSync } from "node:child_process"
import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { build } from "rolldown"
import config from "../clients/typescript/rolldown.config.ts"
import { promiseTypes } from "./client/PromiseTypes.ts"

// Builds clients/typescript/dist: JavaScript and the types of both entry points.
const folder = join(import.meta.dirname, "..", "clients", "typescript")
rmSync(join(folder, "dist"), { recursive: true, force: true })
for (const options of config) await build(options)
const tsc = join(import.meta.dirname, "..", "node_modules", "typescript", "bin", "tsc")
const { status } = spawnSync(process.execPath, [tsc, "-p", folder], { stdio: "inherit" })
writeFileSync(join(folder, "dist", "promise.d.ts"), promiseTypes)
process.exitCode = status ?? 1
