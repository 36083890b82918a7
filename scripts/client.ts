import { spawnSync } from "node:child_process"
import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { build } from "rolldown"
import config from "../clients/typescript/rolldown.config.ts"
import { promiseTypes } from "./client/PromiseTypes.ts"

/** Declarations of `Endpoint.ts` for `@tbg/client`, derived from those of `@tbg/client/promise`. */
const endpointTypes = `import type { Effect, Schema } from "effect"
import type { HttpClientError } from "effect/http"
import type { Calls as PromiseCalls } from "../../../../promise.d.ts"
import type { ApiError } from "./ApiError.ts"

type CallError = ApiError | Schema.SchemaError | HttpClientError.HttpClientError

type Call<F> = F extends (...parameters: infer P) => Promise<infer A>
  ? P extends [infer Request, unknown?]
    ? (request: Request) => Effect.Effect<A, CallError>
    : (request?: P[0]) => Effect.Effect<A, CallError>
  : never

/** All endpoints by group and name, for example \`Posts.list\`. */
export type Calls = {
  readonly [Group in keyof PromiseCalls]: {
    readonly [Name in keyof PromiseCalls[Group]]: Call<PromiseCalls[Group][Name]>
  }
}
`

/** Declarations of `LiveUpdate.ts`. */
const liveTypes = `export type { SnapshotUpdate, LiveTopic, LiveUpdate } from "../../../../promise.d.ts"
`

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
