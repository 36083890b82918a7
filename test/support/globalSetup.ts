import { Cause, Config, Effect, Exit, Option, Scope } from "effect"
import type { TestProject } from "vitest/node"
import { checkServers, chromiumProgram, promtoolProgram } from "./throwaway/Programs.ts"
import { throwawayPostgres } from "./ThrowawayPostgres.ts"
import { throwawayRedis } from "./ThrowawayRedis.ts"

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

const optional = Effect.gen(function* () {
  const promtool = (yield* promtoolProgram) ?? null
  const set = yield* Config.option(Config.String("TBG_TEST_CHROMIUM"))
  const chromium = Option.getOrUndefined(set) ?? (yield* chromiumProgram) ?? null
  return { promtool, chromium }
})

/** The error as one line (contract section 9); a stack trace would not help the reader. */
const withoutStack = (failure: unknown) =>
  Object.assign(new Error(failure instanceof Error ? failure.message : String(failure)), { stack: "" })

/** One Postgres and one Redis for all server tests of a run (contract section 9); returns their shutdown. */
export default async (project: TestProject) => {
  const scope = Scope.makeUnsafe()
  const end = () => Effect.runPromise(Scope.close(scope, Exit.void))
  // In sequence, because package managers run one installation at a time.
  const all = Effect.andThen(checkServers, Effect.all([sharedPostgres, sharedRedis, optional]))
  const started = await Effect.runPromiseExit(Scope.provide(all, scope))
  if (Exit.isFailure(started)) {
    await end()
    throw withoutStack(Cause.squash(started.cause))
  }
  const [postgres, redis, programs] = started.value
  project.provide("postgres", postgres)
  project.provide("redis", redis)
  project.provide("optional", programs)
  return end
}
