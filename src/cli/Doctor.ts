import { Console, Effect, FileSystem, Layer, Result } from "effect"
import { Command } from "effect/cli"
import { alignColumns } from "../baseline/Columns.ts"
import { AppConfig, describeRedis } from "../layers/AppConfig.ts"
import { Database } from "../layers/Database.ts"
import { FolderLocked } from "../layers/embedded/FolderLock.ts"
import { Migrations } from "../layers/Migrations.ts"
import { failed, ok, runAfter, runChecks, skipAfter, skipChecks, warning } from "./doctor/Check.ts"
import type { CheckResult, Finding } from "./doctor/Check.ts"
import { files, port, proxies } from "./doctor/Machine.ts"
import { miningStreams } from "./doctor/Mining.ts"
import { databaseConnection, postgresChecks } from "./doctor/Postgres.ts"
import { redisConnection, redisChecks, RedisNodes } from "./doctor/RedisChecks.ts"
import { identity, problemsIn, secret, settings } from "./doctor/Settings.ts"
import { ExitWith, json, quietly } from "./CommandParts.ts"

/** Finding if the embedded database cannot be opened, for example because a running service locks its folder. */
const openFailure = (error: Error): Finding =>
  error instanceof FolderLocked
    ? warning(error.message, "none needed if the service itself is running")
    : failed(error.message, "set TBG_DATABASE_URL to a writable folder")

const checkDatabase = Effect.gen(function* () {
  const name = "database"
  const { target } = (yield* AppConfig).database
  const { exists } = yield* FileSystem.FileSystem
  // Opening the database would create the folder.
  if (target._tag === "Embedded" && target.folder !== undefined && !(yield* exists(target.folder))) {
    const finding = ok(`embedded: ${target.folder} is created when the service starts`)
    return [{ name, ...finding }, ...skipChecks(postgresChecks, "the database does not exist yet")]
  }
  const opened = yield* Effect.result(Layer.build(Migrations.layer.pipe(Layer.provideMerge(Database.layer))))
  return Result.isSuccess(opened)
    ? yield* Effect.provideContext(runAfter(name, databaseConnection, postgresChecks), opened.success)
    : [{ name, ...openFailure(opened.failure) }, ...skipAfter(name, postgresChecks)]
}).pipe(Effect.scoped)

const checkRedis = Effect.gen(function* () {
  const name = "redis"
  const { rateLimit, redis } = yield* AppConfig
  if (redis.target._tag !== "Embedded") {
    return yield* Effect.provide(runAfter(name, redisConnection, redisChecks), RedisNodes.layer(redis.target))
  }
  const words = `${describeRedis(redis.target)}: each process counts rate limits by itself`
  const finding =
    rateLimit.replicas > 1 ? warning(words, "set TBG_REDIS_URL, so that replicas share their counts") : ok(words)
  return [{ name, ...finding }]
})

const runAllChecks = Effect.all(
  [
    runChecks<AppConfig>({ settings, "secret key": secret }),
    checkDatabase,
    checkRedis,
    runChecks<AppConfig | FileSystem.FileSystem>({
      "mining streams": miningStreams,
      port,
      "trusted proxies": proxies,
      "file descriptors": files,
      "identity provider": identity
    })
  ],
  { concurrency: "unbounded" }
).pipe(Effect.map((groups) => groups.flat()))

const linesOf = ({ fix, name, state, what }: CheckResult): ReadonlyArray<ReadonlyArray<string>> => [
  [state, name, what],
  ...(fix === null ? [] : [["", "", `fix: ${fix}`]])
]

export const Doctor = Command.make("doctor", { json }, (flags) =>
  Effect.gen(function* () {
    const checks = yield* quietly(runAllChecks).pipe(
      Effect.catchTag("ConfigInvalid", (error) => Effect.succeed(problemsIn(error)))
    )
    const failures = checks.filter(({ state }) => state === "failed")
    // Published name of this JSON field.
    const entries = checks.map(({ fix, ...check }) => ({ ...check, mend: fix }))
    const report = { ok: failures.length === 0, checks: entries }
    yield* Console.log(flags.json ? JSON.stringify(report, undefined, 2) : alignColumns(checks.flatMap(linesOf)))
    if (failures.length === 0) return
    const names = [...new Set(failures.map(({ name }) => name))]
    yield* Console.error(`failed: ${names.join(", ")}`)
    return yield* new ExitWith({ code: 1 })
  })
).pipe(Command.withDescription("Check everything the service depends on and explain how to fix problems"))
