import { chmodSync, copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { Effect } from "effect"
import { commandResult } from "./CommandResult.ts"
import { guard } from "./throwaway/Guard.ts"
import { repository } from "./Yaml.ts"

/**
 * Wrapper that makes Node.js report version 20, and exits at once if it gets a program that needs a newer version.
 * A command-line option changes the version, so children that run on the supported Node.js are not affected.
 */
const oldNode = `#!/bin/sh
for argument; do
  case $argument in
    -*) continue ;;
    *.ts | */vitest | */rolldown) echo "Node.js 20 was asked to run $argument" >&2; exit 99 ;;
  esac
  break
done
exec '${process.execPath}' --import "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.20.0'})" "$@"
`

const programs = [
  "git",
  "make",
  "npm",
  "npx",
  "sh",
  "dirname",
  "grep",
  "sed",
  "touch",
  "env",
  "awk",
  "rm",
  "mkdir",
  "sleep",
  "timeout"
]

const linkPrograms = Effect.fnUntraced(function* (folder: string) {
  for (const name of programs) {
    const { stdout } = yield* commandResult("sh", ["-c", `command -v ${name}`])
    if (stdout !== "") symlinkSync(stdout.trim(), join(folder, name))
  }
})

export interface CleanClone {
  readonly folder: string
  /** Runs a shell command in the clone. Output is that of both streams. */
  readonly run: (command: string) => Effect.Effect<{ readonly code: number | null; readonly output: string }>
}

/** Copies every file that git tracks or would add. PATH has only git, make, npm, a few tools and `node`. */
export const cleanClone = Effect.fnUntraced(function* (options: {
  readonly node: "20" | "none"
  readonly isInstalled: boolean
}) {
  const { folder: temporary } = yield* guard({})
  const [folder, bin] = [join(temporary, "clone"), join(temporary, "bin")]
  mkdirSync(bin)
  yield* linkPrograms(bin)
  if (options.node === "20") {
    writeFileSync(join(bin, "node"), oldNode)
    chmodSync(join(bin, "node"), 0o755)
  }
  const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]
  const { stdout } = yield* commandResult("git", list, { cwd: repository })
  for (const path of stdout.split("\0").filter((path) => path !== "")) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    copyFileSync(join(repository, path), join(folder, path))
  }
  const toolchain = join(folder, ".toolchain", "node_modules", ".bin")
  mkdirSync(toolchain, { recursive: true })
  symlinkSync(process.execPath, join(toolchain, "node"))
  if (options.isInstalled) {
    const packages = join(folder, "node_modules")
    yield* commandResult("cp", ["-RPl", join(repository, "node_modules"), packages])
    // A new file, because the copy is a hard link: `make` compares its time with that of the lockfile.
    rmSync(join(packages, ".package-lock.json"))
    writeFileSync(join(packages, ".package-lock.json"), "")
  }
  const env = { PATH: bin, HOME: temporary, npm_config_update_notifier: "false" }
  const clone: CleanClone = {
    folder,
    run: (command) =>
      Effect.map(commandResult(join(bin, "sh"), ["-c", command], { cwd: folder, env }), ({ code, stderr, stdout }) => ({
        code,
        output: stdout + stderr
      }))
  }
  return clone
})
