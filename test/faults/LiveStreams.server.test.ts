import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Schedule, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Redis } from "ioredis"
import { minerTopic } from "../../src/domain/live/Topic.ts"
import { fetchedStream } from "../support/live/FetchedStream.ts"
import { runningProgram } from "../support/RunningProgram.ts"
import { freshDatabaseOn, testClient } from "../support/TestDatabase.ts"
import { programResult, testProcess } from "../support/TestProcess.ts"
import { throwawayPostgres } from "../support/ThrowawayPostgres.ts"
import { throwawayRedis } from "../support/ThrowawayRedis.ts"

const decodeAddresses = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ address: Schema.String })))
const decodeSnapshot = Schema.decodeUnknownEffect(Schema.Struct({ cursor: Schema.String }))
const decodeShares = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ share: Schema.Unknown })))

/** A service that projects the events of a simulated fleet, and a stream of its busiest miner. */
const liveService = Effect.gen(function* () {
  const postgres = yield* throwawayPostgres
  const { url } = yield* freshDatabaseOn(postgres.url)
  const redis = yield* throwawayRedis({ keepsData: true })
  const variables = {
    TBG_ENVIRONMENT: "test",
    TBG_DATABASE_URL: Redacted.value(url),
    TBG_REDIS_URL: redis.url,
    TBG_BITCOIN_NETWORK: "signet"
  }
  assert.strictEqual((yield* programResult(["migrate", "up"], variables)).code, 0)
  yield* runningProgram(["simulate", "--miners", "5", "--rate", "50"], variables)
  const service = yield* testProcess({ ...variables, TBG_PROJECTION: "on" })
  const asked = (statement: string) =>
    Effect.provide(
      Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(statement)),
      testClient(url)
    )
  const busiest = asked(
    "SELECT address FROM tbg_api.mining_addresses WHERE shares > 20 ORDER BY shares DESC LIMIT 1"
  ).pipe(Effect.flatMap(decodeAddresses))
  const [miner] = yield* Effect.repeat(busiest, {
    until: (found) => found.length > 0,
    schedule: Schedule.spaced("100 millis")
  })
  const topics = `pool,${minerTopic(miner?.address ?? "")}`
  const path = `${service.url}/api/v1/live`
  const response = yield* Effect.promise(() => fetch(`${path}/snapshot?topics=${topics}`))
  const { cursor } = yield* Effect.flatMap(
    Effect.promise(() => response.json()),
    decodeSnapshot
  )
  const stream = yield* fetchedStream(`${path}?topics=${topics}&cursor=${cursor}`)
  const flush = Effect.acquireUseRelease(
    Effect.sync(() => new Redis(redis.url, { replyMapping: "legacy" })),
    (streams) => Effect.promise(() => streams.flushall()),
    (streams) => Effect.sync(() => streams.disconnect())
  )
  /** Shares of the miner in the outbox whose numbers are between those of two ids. */
  const sharesBetween = (first: number, last: number) =>
    Effect.flatMap(
      asked(`
        SELECT e.event AS share FROM tbg_api.mining_outbox o
        CROSS JOIN LATERAL json_array_elements(o.events::json) WITH ORDINALITY AS e (event, place)
        WHERE o.first + e.place - 1 > ${first} AND o.first + e.place - 1 <= ${last}
          AND e.event ->> 'type' = 'share' AND e.event ->> 'address' = '${miner?.address}'
        ORDER BY o.first + e.place`),
      decodeShares
    )
  return { postgres, redis, flush, cursor, stream, sharesBetween }
})

describe("live streams", () => {
  it.live(
    "stay open through faults of Redis and Postgres, report stale data meanwhile, and lose or repeat no event",
    () =>
      Effect.gen(function* () {
        const { cursor, flush, postgres, redis, sharesBetween, stream } = yield* liveService
        const { after, numberOf } = stream
        const shareAfter = <E, R>(action: Effect.Effect<unknown, E, R>) =>
          Effect.andThen(
            action,
            after(Effect.void, ({ data }) => data.type === "share")
          )
        const statusAfter = <E, R>(action: Effect.Effect<unknown, E, R>, status: string) =>
          after(
            action,
            ({ data }) =>
              data.type === "summary" && data["topic"] === "mining" && Object(data["state"]).status === status
          )
        yield* shareAfter(Effect.void)

        yield* statusAfter(redis.signal("SIGSTOP"), "stale")
        yield* shareAfter(statusAfter(redis.signal("SIGCONT"), "ok"))

        yield* shareAfter(redis.restart)
        yield* shareAfter(flush)

        yield* statusAfter(postgres.shutDown, "stale")
        yield* statusAfter(Effect.void, "stale")
        yield* shareAfter(statusAfter(postgres.startAgain, "ok"))

        const events = yield* stream.events
        const ids = events.map(({ id }) => id)
        assert.strictEqual(new Set(ids).size, ids.length)
        assert.deepStrictEqual(
          events.filter(({ data }) => data.type === "reset" || data.type === "bye"),
          []
        )
        const shares = events.filter(({ data }) => data.type === "share")
        const expected = yield* sharesBetween(numberOf(cursor), numberOf(shares.at(-1)?.id ?? ""))
        assert.deepStrictEqual(
          shares.map(({ data }) => data),
          expected.map(({ share }) => share)
        )
        assert.isFalse(yield* stream.isEnded)
      }),
    120_000
  )
})
