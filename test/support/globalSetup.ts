import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Cause, Config, Effect, Exit, Option, Scope } from "effect"
import type { TestProject } from "vitest/node"
import { commandResult } from "./CommandResult.ts"
import { guard } from "./throwaway/Guard.ts"
import { checkServers, chromiumProgram, promtoolProgram } from "./throwaway/Programs.ts"
import { throwawayPostgres } from "./ThrowawayPostgres.ts"
import { throwawayRedis } from "./ThrowawayRedis.ts"
import { repository } from "./Yaml.ts"

export interface SharedPostgres {
  readonly url: string
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
}

export interface SharedRedis {
  readonly url: string
  readonly host: string
  readonly port: number
}

declare module "vitest" {
  interface ProvidedContext {
    postgres: SharedPostgres
    redis: SharedRedis
    /** Path of the bundled program. */
    program: string | undefined
    /** Paths of the optional programs; null if missing and not installable. */
    optional: { readonly promtool: string | null; readonly chromium: string | null }
  }
}

const given = (variable: string) => Effect.map(Config.option(Config.URL(variable)), Option.getOrUndefined)

const sharedPostgres = Effect.gen(function* () {
  const url = yield* given("TBG_TEST_DATABASE_URL")
  if (url === undefined) {
    const { host, password, port, url, user } = yield* throwawayPostgres
    return { url, host, port, user, password }
  }
  const [user, password] = [url.username, url.password].map(decodeURIComponent)
  return {
    url: url.href,
    host: url.hostname,
    port: Number(url.port || 5432),
    user: user ?? "",
    password: password ?? ""
  }
})

const sharedRedis = Effect.gen(function* () {
  const url = yield* given("TBG_TEST_REDIS_URL")
  if (url !== undefined) return { url: url.href, host: url.hostname, port: Number(url.port || 6379) }
  const redis = yield* throwawayRedis()
  return { url: redis.url, host: redis.host, port: redis.port }
})

/** The program as one bundle, which starts in less than half the time of its sources. */
const program = Effect.gen(function* () {
  const { folder } = yield* guard({})
  const dir = join(folder, "dist")
  const rolldown = join(repository, "node_modules", "rolldown", "bin", "cli.mjs")
  const args = [rolldown, "-c", "rolldown.config.ts", "--dir", dir]
  const { code, stderr } = yield* commandResult(process.execPath, args, { cwd: repository })
  if (code !== 0) return yield* Effect.die(new Error(stderr))
  yield* Effect.promise(() => writeFile(join(folder, "package.json"), '{"type":"module"}'))
  return join(dir, "main.js")
})

const optional = Effect.gen(function* () {
  const promtool = (yield* promtoolProgram) ?? null
  const set = yield* Config.option(Config.String("TBG_TEST_CHROMIUM"))
  const chromium = Option.getOrUndefined(set) ?? (yield* chromiumProgram) ?? null
  return { promtool, chromium }
})

/** The error as one line (contract section 9); a stack trace would not help the reader. */
const withoutStack = (failure: unknown) =>
  Object.assign(new Error(failure instanceof Error ? failure.message : String(failure)), { stack: "" })

/** One Postgres, Redis and bundle for all server tests of a run (contract section 9); returns their shutdown. */
export default async (project: TestProject) => {
  const scope = Scope.makeUnsafe()
  const end = () => Effect.runPromise(Scope.close(scope, Exit.void))
  // In sequence, because package managers run one installation at a time.
  const all = Effect.andThen(checkServers, Effect.all([sharedPostgres, sharedRedis, program, optional]))
  const started = await Effect.runPromiseExit(Scope.provide(all, scope))
  if (Exit.isFailure(started)) {
    await end()
    throw withoutStack(Cause.squash(started.cause))
  }
  const [postgres, redis, main, programs] = started.value
  project.provide("postgres", postgres)
  project.provide("redis", redis)
  project.provide("program", main)
  project.provide("optional", programs)
  return end
}
