import { accessSync, constants, existsSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { Config, Effect, Schema } from "effect"
import { commandResult } from "../CommandResult.ts"
import type { Account } from "../CommandResult.ts"

/** No way was found to run a server; the message is the one line that says what to install. */
export class NothingToRun extends Schema.TaggedError<NothingToRun>()("NothingToRun", { message: Schema.String }) {}

/** How to run a server: the folder of its programs, or Docker. */
export type Program = { readonly _tag: "Folder"; readonly folder: string } | { readonly _tag: "Docker" }

interface Wanted {
  readonly name: string
  /** Each a set of programs that together will do, in one folder. */
  readonly programs: ReadonlyArray<ReadonlyArray<string>>
  readonly debianPackage: string
  readonly variable: string
}

const isExecutable = (file: string) => {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Debian keeps the server's programs off the PATH, one folder a major version. */
const debianFolders = () => {
  const root = "/usr/lib/postgresql"
  const versions = existsSync(root) ? readdirSync(root) : []
  return versions.toSorted((a, b) => Number(b) - Number(a)).map((version) => join(root, version, "bin"))
}

const folderOf = (wanted: Pick<Wanted, "programs">) =>
  Effect.gen(function* () {
    const path = yield* Config.String("PATH").pipe(Config.withDefault("/usr/bin:/bin"))
    // An account that is not root's may lack the folder of the system's servers on its PATH.
    return [...path.split(delimiter), "/usr/sbin", ...debianFolders()].find((folder) =>
      wanted.programs.some((set) => set.every((program) => isExecutable(join(folder, program))))
    )
  }).pipe(Effect.orDie)

/** Whether the tests run as root, which Postgres refuses and apt-get needs. */
export const isRoot = process.getuid?.() === 0

const policy = "/usr/sbin/policy-rc.d"

/** Debian asks this script whether a package may start its service; a machine that has one keeps its own. */
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
  const apt = ["DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"]
  yield* commandResult("env", [...apt, "update"])
  yield* withoutServices(commandResult("env", [...apt, "install", "-y", "--no-install-recommends", debianPackage]))
})

const hasDocker = Effect.map(commandResult("docker", ["info"]), ({ code }) => code === 0)

const programOf = Effect.fnUntraced(function* (wanted: Wanted): Effect.fn.Return<Program, NothingToRun> {
  const present = yield* folderOf(wanted)
  if (present !== undefined) return { _tag: "Folder", folder: present }
  yield* installed(wanted.debianPackage)
  const added = yield* folderOf(wanted)
  if (added !== undefined) return { _tag: "Folder", folder: added }
  if (yield* hasDocker) return { _tag: "Docker" }
  return yield* new NothingToRun({
    message: `The tests need ${wanted.name}: install ${wanted.debianPackage}, or start Docker, or set ${wanted.variable}`
  })
})

/** How to run Postgres: `initdb` and `postgres` on the machine, else installed (Debian, as root), else Docker. */
export const postgresProgram = programOf({
  name: "PostgreSQL",
  programs: [["initdb", "postgres"]],
  debianPackage: "postgresql",
  variable: "TBG_TEST_DATABASE_URL"
})

/** How to run Redis: `redis-server` or `valkey-server` on the machine, else installed, else Docker. */
export const redisProgram = programOf({
  name: "Redis",
  programs: [["redis-server"], ["valkey-server"]],
  debianPackage: "redis-server",
  variable: "TBG_TEST_REDIS_URL"
})

/** A program that tests can do without: on the machine, else installed; undefined where neither will do in time. */
const optionalProgram = Effect.fnUntraced(function* (names: ReadonlyArray<string>, debianPackage: string) {
  const wanted = { programs: names.map((name) => [name]) }
  const present = yield* folderOf(wanted)
  if (present === undefined) yield* Effect.timeoutOption(installed(debianPackage), "2 minutes")
  const folder = present ?? (yield* folderOf(wanted))
  return folder === undefined ? undefined : programIn(folder, names)
})

/** HAProxy: on the machine, else installed (Debian, as root); undefined where neither will do. */
export const haproxyProgram = Effect.suspend(() => optionalProgram(["haproxy"], "haproxy"))

/** nginx, likewise. */
export const nginxProgram = Effect.suspend(() => optionalProgram(["nginx"], "nginx-light"))

/** Prometheus's own checks, likewise. */
export const promtoolProgram = Effect.suspend(() => optionalProgram(["promtool"], "prometheus"))

/** A browser without a screen, likewise. */
export const chromiumProgram = Effect.suspend(() =>
  optionalProgram(
    ["chromium", "chromium-headless-shell", "chromium-browser", "google-chrome"],
    "chromium-headless-shell"
  )
)

/** The first of the programs that the folder holds. */
export const programIn = (folder: string, names: ReadonlyArray<string>) =>
  join(folder, names.find((name) => isExecutable(join(folder, name))) ?? names.join())

const idOf = (flag: "-u" | "-g", name: string) => commandResult("id", [flag, name])

/** The account for a server that refuses root: `postgres`, else `nobody`; the tests' own when that is not root. */
export const serverAccount: Effect.Effect<Account> = Effect.gen(function* () {
  if (!isRoot) return {}
  const hasPostgres = (yield* idOf("-u", "postgres")).code === 0
  const name = hasPostgres ? "postgres" : "nobody"
  return { uid: Number((yield* idOf("-u", name)).stdout), gid: Number((yield* idOf("-g", name)).stdout) }
})
