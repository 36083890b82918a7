import { assert, it } from "@effect/vitest"
import { Clock, Effect, Schedule, Schema } from "effect"
import { redisClient, sendShare } from "../support/mining/Loops.ts"
import { programOnDatabase } from "../support/ProgramOnDatabase.ts"
import { testProcess } from "../support/TestProcess.ts"
import { throwawayRedis } from "../support/ThrowawayRedis.ts"

const Status = Schema.fromJsonString(
  Schema.Struct({ lag_ms: Schema.Int, last_event_at: Schema.NullOr(Schema.String) }).pipe((known) =>
    Schema.StructWithRest(known, [Schema.Record(Schema.String, Schema.Unknown)])
  )
)
const decodeStatus = Schema.decodeUnknownEffect(Status)

it.live("tbg mining status shows what tbg serve projects", () =>
  Effect.gen(function* () {
    const redis = yield* throwawayRedis()
    const { tbg, variables } = yield* programOnDatabase
    yield* testProcess({ ...variables, TBG_MINING_REDIS_URL: redis.url, TBG_BITCOIN_NETWORK: "regtest" })
    yield* sendShare(yield* redisClient(redis.url), (yield* Clock.currentTimeMillis) / 1000, 5)
    const status = Effect.flatMap(tbg("mining", "status", "--json"), ({ stdout }) => decodeStatus(stdout))
    const found = yield* status.pipe(
      Effect.repeat({ until: ({ last_event_at }) => last_event_at !== null, schedule: Schedule.spaced("100 millis") }),
      Effect.timeout("20 seconds")
    )
    const { lag_ms, last_event_at, ...rest } = found
    assert.isNotNull(last_event_at)
    assert.isAtLeast(lag_ms, 0)
    assert.deepStrictEqual(rest, { status: "ok", leader: true, duplicates: 0, quarantined: 0, refills: 1 })
    const { code, stdout } = yield* tbg("mining", "status")
    assert.strictEqual(code, 0)
    assert.match(
      stdout,
      /^status: ok\nleader: yes\nlag: \d+ ms\nlast event: 20\d\d-.*Z\nduplicates: 0\nquarantined: 0\n/
    )
  })
)
