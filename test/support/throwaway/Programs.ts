import { accessSync, constants, existsSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { Config, Effect, Option, Schema } from "effect"
import { commandResult } from "../CommandResult.ts"
import type { Account } from "../CommandResult.ts"
import { packageFolder, packageRuns } from "./PostgresPackage.ts"

/** Missing servers; the message names all of them and how to install them. */
export class NothingToRun extends Schema.TaggedError<NothingToRun>()("NothingToRun", { message: Schema.String }) {}

/** How to run a server: the folder of its programs, the folder of the npm package, or Docker. */
export type Program =
  | { readonly _tag: "Folder"; readonly folder: string }
  | { readonly _tag: "Package"; readonly folder: string }
  | { readonly _tag: "Docker" }

interface Wanted {
  readonly name: string
  /** Alternative sets of programs; one complete set in one folder is enough. */
  readonly programs: ReadonlyArray<ReadonlyArray<string>>
  /** Names of the packages that contain it, for each system. */
  readonly packages: { readonly debian: string; readonly fedora: string; readonly macos: string }
  readonly variable: string
  /** Whether an npm package that is installed here contains it. */
  readonly isInPackage: Effect.Effect<boolean>
}

const isExecutable = (file: string) => {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Debian keeps the server's programs off the PATH, in one folder per major version. */
const debianFolders = () => {
  const root = "/usr/lib/postgresql"
  const versions = existsSync(root) ? readdirSync(root) : []
  return versions.toSorted((a, b) => Number(b) - Number(a)).map((version) => join(root, version, "bin"))
}

const folderOf = (wanted: Pick<Wanted, "programs">) =>
  Effect.gen(function* () {
    const path = yield* Config.String("PATH").pipe(Config.withDefault("/usr/bin:/bin"))
    // The PATH of another account may lack the system's folder of servers.
    return [...path.split(delimiter), "/usr/sbin", ...debianFolders()].find((folder) =>
      wanted.programs.some((set) => set.every((program) => isExecutable(join(folder, program))))
    )
  }).pipe(Effect.orDie)

/** Whether the tests run as root, which Postgres refuses and apt-get needs. */
export const isRoot = process.getuid?.() === 0

const policy = "/usr/sbin/policy-rc.d"

/** Debian calls this script before a package starts its service; an existing one is kept. */
const withoutServices = <A>(effect: Effect.Effect<A>) =>
  existsSync(policy)
    ? effect
    : Effect.acquireUseRelease(
        Effect.sync(() => writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 })),
        () => effect,
        () => Effect.sync(() => rmSync(policy, { force: true }))
      )

const installed = Effect.fnUntraced(function* (debianPackage: string) {
  if (!isRoot || !isExecutable("/usr/bin/apt-get")) return
  process.stderr.write(`installing ${debianPackage} with apt-get\n`)
  const apt = ["DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"]
  yield* commandResult("env", [...apt, "update"])
  yield* withoutServices(commandResult("env", [...apt, "install", "-y", "--no-install-recommends", debianPackage]))
})

const hasDocker = Effect.map(commandResult("docker", ["info"]), ({ code }) => code === 0)

const programOf = Effect.fnUntraced(function* (wanted: Wanted): Effect.fn.Return<Program | undefined> {
  const present = yield* folderOf(wanted)
  if (present !== undefined) return { _tag: "Folder", folder: present }
  if (yield* wanted.isInPackage) return { _tag: "Package", folder: packageFolder }
  yield* installed(wanted.packages.debian)
  const added = yield* folderOf(wanted)
  if (added !== undefined) return { _tag: "Folder", folder: added }
  return (yield* hasDocker) ? { _tag: "Docker" } : undefined
})

export const postgres: Wanted = {
  name: "PostgreSQL",
  programs: [["initdb", "postgres"]],
  packages: { debian: "postgresql", fedora: "postgresql-server", macos: "postgresql@16" },
  variable: "TBG_TEST_DATABASE_URL",
  isInPackage: packageRuns
}

export const redis: Wanted = {
  name: "Redis",
  programs: [["redis-server"], ["valkey-server"]],
  packages: { debian: "redis-server", fedora: "valkey", macos: "redis" },
  variable: "TBG_TEST_REDIS_URL",
  isInPackage: Effect.succeed(false)
}

export const nothingToRun = (missing: ReadonlyArray<Wanted>) => {
  const packages = (system: keyof Wanted["packages"]) => missing.map((wanted) => wanted.packages[system]).join(" ")
  return new NothingToRun({
    message: [
      `The tests need ${missing.map(({ name }) => name).join(" and ")}. Install with one of these commands:`,
      `  Debian, Ubuntu: sudo apt-get install ${packages("debian")}`,
      `  Fedora:         sudo dnf install ${packages("fedora")}`,
      `  macOS:          brew install ${packages("macos")}`,
      `Or start Docker, or set ${missing.map(({ variable }) => variable).join(" and ")}.`
    ].join("\n")
  })
}

const required = (wanted: Wanted) =>
  Effect.flatMap(programOf(wanted), (program) =>
    program === undefined ? Effect.fail(nothingToRun([wanted])) : Effect.succeed(program)
  )

/** How to run Postgres: on the machine, else from its npm package, else installed (Debian, as root), else Docker. */
export const postgresProgram = required(postgres)

/** How to run Redis: `redis-server` or `valkey-server` on the machine, else installed, else Docker. */
export const redisProgram = required(redis)

/** Fails with one message that names every server that is neither configured nor available on this machine. */
export const checkServers = Effect.gen(function* () {
  const missing = yield* Effect.filter([postgres, redis], (wanted) =>
    Effect.gen(function* () {
      if (Option.isSome(yield* Config.option(Config.String(wanted.variable)))) return false
      return (yield* programOf(wanted)) === undefined
    })
  )
  if (missing.length > 0) yield* nothingToRun(missing)
})

/** Optional program: on the machine, else installed in CI (Debian, as root), else undefined. */
const optionalProgram = Effect.fnUntraced(function* (names: ReadonlyArray<string>, debianPackage: string) {
  const wanted = { programs: names.map((name) => [name]) }
  const present = yield* folderOf(wanted)
  const isInCi = Option.isSome(yield* Config.option(Config.String("CI")).pipe(Effect.orDie))
  if (present === undefined && isInCi) yield* Effect.timeoutOption(installed(debianPackage), "2 minutes")
  const folder = present ?? (yield* folderOf(wanted))
  return folder === undefined ? undefined : programIn(folder, names)
})

export const haproxyProgram = Effect.suspend(() => optionalProgram(["haproxy"], "haproxy"))

export const nginxProgram = Effect.suspend(() => optionalProgram(["nginx"], "nginx-light"))

/** Prometheus's checker of rules and configuration. */
export const promtoolProgram = Effect.suspend(() => optionalProgram(["promtool"], "prometheus"))

/** A headless browser. */
export const chromiumProgram = Effect.suspend(() =>
  optionalProgram(
    ["chromium", "chromium-headless-shell", "chromium-browser", "google-chrome"],
    "chromium-headless-shell"
  )
)

/** The first of the programs in the folder. */
export const programIn = (folder: string, names: ReadonlyArray<string>) =>
  join(folder, names.find((name) => isExecutable(join(folder, name))) ?? names.join())

const idOf = (flag: "-u" | "-g", name: string) => commandResult("id", [flag, name])

/** Account for a server that refuses root: `postgres`, else `nobody`; the current one if not root. */
export const serverAccount: Effect.Effect<Account> = Effect.gen(function* () {
  if (!isRoot) return {}
  const hasPostgres = (yield* idOf("-u", "postgres")).code === 0
  const name = hasPostgres ? "postgres" : "nobody"
  return { uid: Number((yield* idOf("-u", name)).stdout), gid: Number((yield* idOf("-g", name)).stdout) }
})
