import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Redacted, Schedule, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Redis } from "ioredis"
import { goodEntry, hostileEntries } from "../support/mining/HostileEntries.ts"
import { countedSoFar } from "../support/mining/Invariants.ts"
import { runningProgram } from "../support/RunningProgram.ts"
import { freshDatabase, testClient } from "../support/TestDatabase.ts"
import { programResult } from "../support/TestProcess.ts"
import { throwawayRedis } from "../support/ThrowawayRedis.ts"

const poll = Schedule.spaced("20 millis")

const decodeCounters = Schema.decodeUnknownEffect(
  Schema.Array(Schema.Struct({ counter: Schema.String, value: Schema.Number }))
)

/** A projection over a Redis in which one key is not a stream. */
const projection = Effect.gen(function* () {
  const { url } = yield* freshDatabase
  const redis = yield* throwawayRedis()
  const variables = {
    TBG_ENVIRONMENT: "test",
    TBG_DATABASE_URL: Redacted.value(url),
    TBG_REDIS_URL: redis.url,
    TBG_BITCOIN_NETWORK: "signet"
  }
  assert.strictEqual((yield* programResult(["migrate", "up"], variables)).code, 0)
  const streams = yield* Effect.acquireRelease(
    Effect.sync(() => new Redis(redis.url, { replyMapping: "legacy" })),
    (streams) => Effect.sync(() => streams.disconnect())
  )
  yield* Effect.promise(() => streams.set("mining:diff_updated", "not a stream"))
  const process = yield* runningProgram(["mining", "project"], variables)
  const asked = <A, E>(question: Effect.Effect<A, E, SqlClient.SqlClient>) => Effect.provide(question, testClient(url))
  const append = (stream: string, fields: ReadonlyArray<string | Buffer>) =>
    Effect.promise(() => streams.xadd(stream, "*", ...fields))
  const counters = Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql`
      SELECT name || ' ' || label AS counter, value::float8 AS value FROM tbg_api.mining_counters
      WHERE name IN ('quarantined', 'skipped')`
    return new Map((yield* decodeCounters(rows)).map(({ counter, value }) => [counter, value]))
  }).pipe(asked)
  return { append, asked, counters, process }
})

describe("mining projection", () => {
  it.live("quarantines or skips hostile entries, counts them, and processes the next share", () =>
    Effect.gen(function* () {
      const { append, asked, counters, process } = yield* projection
      const now = Math.floor((yield* Clock.currentTimeMillis) / 1000)
      const entries = hostileEntries(now)
      const problems: Array<string> = []
      for (const [index, { counter, fields, name, stream }] of entries.entries()) {
        const before = yield* counters
        yield* append(stream, fields)
        yield* append("mining:share_submitted", goodEntry(now, index))
        yield* Effect.repeat(asked(countedSoFar), { until: (count) => count === index + 1, schedule: poll })
        const label = counter.join(" ")
        const after = yield* Effect.repeat(counters, { until: (found) => sumOf(found) > sumOf(before), schedule: poll })
        const changed = [...after].filter(
          ([key, value]) => value !== (before.get(key) ?? 0) && !key.includes("wrong_key")
        )
        if (JSON.stringify(changed) !== JSON.stringify([[label, (before.get(label) ?? 0) + 1]])) {
          problems.push(`${name}: expected ${label}, found ${JSON.stringify(changed)}`)
        }
      }
      assert.deepStrictEqual(problems, [])
      assert.strictEqual((yield* counters).get("skipped wrong_key_type"), 1)
      yield* process.signal("SIGTERM")
      assert.deepStrictEqual(yield* process.exit, { code: 0, signal: null })
    })
  )
})

const sumOf = (counters: ReadonlyMap<string, number>): number =>
  [...counters].reduce((sum, [key, value]) => sum + (key.includes("wrong_key") ? 0 : value), 0)
