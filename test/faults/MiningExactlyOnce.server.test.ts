import { assert, describe, it } from "@effect/vitest"
import { Config, Effect, Redacted, Schedule, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Redis } from "ioredis"
import { countedRows, countedSoFar, violations } from "../support/mining/Invariants.ts"
import { projectedTables } from "../support/mining/ProjectedTables.ts"
import { differences, expectedTables } from "../support/mining/Reference.ts"
import { runningProgram } from "../support/RunningProgram.ts"
import type { RunningProgram } from "../support/RunningProgram.ts"
import { freshDatabaseOn, testClient } from "../support/TestDatabase.ts"
import { programResult } from "../support/TestProcess.ts"
import { throwawayPostgres } from "../support/ThrowawayPostgres.ts"
import { throwawayRedis } from "../support/ThrowawayRedis.ts"

/** `make test-long` repeats more often. */
const repetitions = Config.withDefault(Config.Int("TBG_TEST_REPEAT"), 1)

const poll = Schedule.spaced("100 millis")

const decodeTerms = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ term: Schema.String })))

/** Postgres, Redis, a simulator and two projections, each of which can be killed, frozen and restarted. */
const pool = Effect.gen(function* () {
  const postgres = yield* throwawayPostgres
  const { url } = yield* freshDatabaseOn(postgres.url)
  const redis = yield* throwawayRedis({ keepsData: true })
  const variables = {
    TBG_ENVIRONMENT: "test",
    TBG_DATABASE_URL: Redacted.value(url),
    TBG_REDIS_URL: redis.url,
    TBG_BITCOIN_NETWORK: "signet"
  }
  const migrated = yield* programResult(["migrate", "up"], variables)
  assert.strictEqual(migrated.code, 0, migrated.stderr)
  const client = testClient(url)
  const asked = <A, E>(question: Effect.Effect<A, E, SqlClient.SqlClient>) => Effect.provide(question, client)
  const project = runningProgram(["mining", "project"], variables)
  const simulator = yield* runningProgram(
    ["simulate", "--miners", "20", "--rate", "200", "--faults", "duplicates,reordered"],
    variables
  )
  /** Term of the lease that is valid now. */
  const term = Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql`SELECT term::text AS term FROM tbg_api.mining_state WHERE expires_at > clock_timestamp()`
    return (yield* decodeTerms(rows)).at(0)?.term
  }).pipe(asked)
  const progress = Effect.fnUntraced(function* (more: number) {
    const before = yield* Effect.retry(asked(countedSoFar), poll)
    yield* Effect.repeat(Effect.retry(asked(countedSoFar), poll), {
      until: (count) => count >= before + more,
      schedule: poll
    })
  })
  const streams = yield* Effect.acquireRelease(
    Effect.sync(() => new Redis(redis.url, { replyMapping: "legacy" })),
    (streams) => Effect.sync(() => streams.disconnect())
  )
  streams.on("error", () => {})
  const length = Effect.promise(() => streams.xlen("mining:share_submitted"))
  /** Waits until this many further shares are in the stream. */
  const unread = Effect.fnUntraced(function* (more: number) {
    const before = yield* length
    yield* Effect.repeat(length, { until: (now) => now >= before + more, schedule: poll })
  })
  const flush = Effect.promise(() => streams.flushall())
  return { postgres, redis, flush, unread, asked, project, simulator, term, progress }
})

describe("mining projection", () => {
  it.live(
    "counts every share exactly once through kills, restarts, lost streams and a frozen leader",
    () =>
      Effect.gen(function* () {
        const { asked, flush, postgres, progress, project, redis, simulator, term, unread } = yield* pool
        let processes: ReadonlyArray<RunningProgram> = [yield* project, yield* project]
        yield* progress(100)
        const leading = Effect.gen(function* () {
          const lease = yield* Effect.repeat(term, { until: (lease) => lease !== undefined, schedule: poll })
          const announces = (output: string) =>
            output
              .split("\n")
              .some((line) => line.includes("leading the mining projection") && line.includes(`"${lease}"`))
          const outputs = yield* Effect.forEach(processes, (process) =>
            Effect.map(process.output, (output) => ({ process, isLeading: announces(output) }))
          )
          const found = outputs.find(({ isLeading }) => isLeading)
          return found?.process ?? (yield* Effect.die(`no process leads term ${lease}`))
        })
        for (let repetition = 0; repetition < (yield* repetitions); repetition++) {
          const killed = yield* leading
          yield* killed.signal("SIGKILL")
          processes = [...processes.filter((process) => process !== killed), yield* project]
          yield* progress(100)

          yield* redis.restart
          yield* progress(100)

          const frozen = yield* leading
          yield* frozen.signal("SIGSTOP")
          yield* progress(100)
          yield* frozen.signal("SIGCONT")

          yield* Effect.forEach(processes, (process) => process.signal("SIGSTOP"))
          yield* unread(100)
          yield* flush
          yield* redis.restart
          yield* Effect.forEach(processes, (process) => process.signal("SIGCONT"))
          yield* progress(100)

          yield* postgres.shutDown
          yield* postgres.startAgain
          yield* progress(100)
        }
        yield* simulator.signal("SIGINT")
        assert.deepStrictEqual(yield* simulator.exit, { code: 0, signal: null })
        // A gap is refilled some seconds after it ended.
        yield* Effect.repeat(asked(violations), { until: ({ lost }) => lost === 0, schedule: poll, times: 300 })
        assert.deepStrictEqual(yield* asked(violations), { lost: 0, invented: 0, twice: 0, unbalanced: 0 })
        const rows = yield* asked(countedRows)
        const expected = expectedTables(rows.map((row) => ({ ...row, arrival: undefined })))
        assert.deepStrictEqual(differences(yield* asked(projectedTables), expected), [])
      }),
    300_000
  )
})
