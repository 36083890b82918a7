import { Console, Effect, FileSystem, Layer, Result } from "effect"
import { Command } from "effect/cli"
import { aligned } from "../baseline/DifferenceTable.ts"
import { AppConfig, describeRedis } from "../layers/AppConfig.ts"
import { Database } from "../layers/Database.ts"
import { FolderLocked } from "../layers/embedded/Failures.ts"
import { IdentityProvider } from "../layers/IdentityProvider.ts"
import { Migrations } from "../layers/Migrations.ts"
import { runChecks, runBehind, failed, ok, skipped, skipBehind, warning } from "./doctor/Check.ts"
import type { CheckResult } from "./doctor/Check.ts"
import { files, port, proxies } from "./doctor/Machine.ts"
import { miningStreams } from "./doctor/MiningStreams.ts"
import { answers, postgresChecks } from "./doctor/Postgres.ts"
import { redisAnswers, redisChecks, RedisNodes } from "./doctor/RedisChecks.ts"
import { identity, problemsIn, secret, settings } from "./doctor/Settings.ts"
import { Ended } from "./Ended.ts"
import { json, quietly } from "./Report.ts"

/** Result if the embedded database cannot be opened. A running service locks its folder. */
const unopened = (error: Error): CheckResult =>
  error instanceof FolderLocked
    ? { name: answers.name, ...warning(error.message, "none needed if the service itself is running") }
    : { name: answers.name, ...failed(error.message, "set TBG_DATABASE_URL to a writable folder") }

const withoutDatabase = (what: string) => postgresChecks.map(({ name }): CheckResult => ({ name, ...skipped(what) }))

const ofDatabase = Effect.gen(function* () {
  const { target } = (yield* AppConfig).database
  const { exists } = yield* FileSystem.FileSystem
  // Opening the database would create the folder.
  if (target._tag === "Embedded" && target.folder !== undefined && !(yield* exists(target.folder))) {
    const finding = ok(`embedded: ${target.folder} is created when the service starts`)
    return [{ name: answers.name, ...finding }, ...withoutDatabase("there is no database yet")]
  }
  const opened = yield* Effect.result(Layer.build(Migrations.layer.pipe(Layer.provideMerge(Database.layer))))
  return Result.isSuccess(opened)
    ? yield* Effect.provideContext(runBehind(answers, postgresChecks), opened.success)
    : [unopened(opened.failure), ...skipBehind(answers.name, postgresChecks)]
}).pipe(Effect.scoped)

const ofRedis = Effect.gen(function* () {
  const { rateLimit, redis } = yield* AppConfig
  if (redis.target._tag !== "Embedded") {
    return yield* Effect.provide(runBehind(redisAnswers, redisChecks), RedisNodes.layer(redis.target))
  }
  const words = `${describeRedis(redis.target)}: each process counts rate limits by itself`
  const finding =
    rateLimit.replicas > 1 ? warning(words, "set TBG_REDIS_URL, so that replicas share their counts") : ok(words)
  return [{ name: redisAnswers.name, ...finding }]
})

/** All checks. Invalid settings prevent the others. */
const examination = Effect.all(
  [
    runChecks([settings, secret]),
    ofDatabase,
    ofRedis,
    miningStreams,
    runChecks([port, proxies, files]),
    Effect.provide(runChecks([identity]), IdentityProvider.layer)
  ],
  { concurrency: "unbounded" }
).pipe(Effect.map((groups) => groups.flat()))

const lineOf = ({ mend, name, state, what }: CheckResult): ReadonlyArray<ReadonlyArray<string>> => [
  [state, name, what],
  ...(mend === null ? [] : [["", "", `fix: ${mend}`]])
]

export const Doctor = Command.make("doctor", { json }, (flags) =>
  Effect.gen(function* () {
    const checks = yield* quietly(examination).pipe(
      Effect.catchTag("ConfigInvalid", (error) => Effect.succeed(problemsIn(error)))
    )
    const bad = checks.filter(({ state }) => state === "failed")
    const report = { ok: bad.length === 0, checks }
    yield* Console.log(flags.json ? JSON.stringify(report, undefined, 2) : aligned(checks.flatMap(lineOf)))
    if (bad.length === 0) return
    const names = [...new Set(bad.map(({ name }) => name))]
    yield* Console.error(`failed: ${names.join(", ")}`)
    return yield* new Ended({ code: 1 })
  })
).pipe(Command.withDescription("Check everything the service depends on and explain how to fix problems"))
