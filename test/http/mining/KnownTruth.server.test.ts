import { assert, describe, it } from "@effect/vitest"
import { Array, Clock, DateTime, Effect, Predicate, Schedule, Schema } from "effect"
import type { Redis } from "ioredis"
import type { NewEntry } from "../../../src/services/mining/simulation/Event.ts"
import { insertShares } from "../../../src/services/mining/simulation/SharesTable.ts"
import { get } from "../../support/Http.ts"
import type { Answer } from "../../support/Http.ts"
import { chart, chartWindows, hashrates, timeText, workersOf } from "../../support/mining/ExpectedAnswers.ts"
import * as expected from "../../support/mining/ExpectedBodies.ts"
import { redisClient } from "../../support/mining/Loops.ts"
import { simulatedPool } from "../../support/mining/SimulatedPool.ts"
import { programOnDatabase } from "../../support/ProgramOnDatabase.ts"
import { run } from "../../support/TestMigrations.ts"
import { testProcess } from "../../support/TestProcess.ts"
import { throwawayRedis } from "../../support/ThrowawayRedis.ts"

/** Compares JSON; numbers may differ in the last digits, because sums have another order. */
const assertSame = (found: unknown, wanted: unknown, path: string): void => {
  if (Array.isArray(wanted) || Predicate.isObject(wanted)) {
    assert.deepStrictEqual(Object.keys(Object(found)).toSorted(), Object.keys(wanted).toSorted(), path)
    for (const [name, value] of Object.entries(wanted)) assertSame(Object(found)[name], value, `${path}.${name}`)
  } else if (typeof wanted === "number" && typeof found === "number") {
    assert.closeTo(found, wanted, Math.abs(wanted) * 1e-9, path)
  } else assert.strictEqual(found, wanted, path)
}

/** Appends entries in order; returns the arrival of the newest, in microseconds since 1970. */
const append = (redis: Redis, entries: ReadonlyArray<NewEntry>) =>
  Effect.promise(async () => {
    const ids = await Promise.all(
      entries.map(({ fields, stream }) => redis.xadd(stream, "*", ...Object.entries(fields).flat()))
    )
    return Math.max(...ids.map((id) => Number(id?.split("-")[0]))) * 1000
  })

const decodeProgress = Schema.decodeUnknownEffect(
  Schema.Tuple([Schema.Struct({ events: Schema.Int, unfinished: Schema.Int, gaps: Schema.Int })])
)

/** A process that has projected the streams and the table of a simulated pool. */
const projected = Effect.gen(function* () {
  const { client, migrate, variables } = yield* programOnDatabase
  const redis = yield* throwawayRedis()
  const migrated = yield* migrate("up")
  assert.strictEqual(migrated.code, 0, migrated.stderr)
  const simulated = yield* simulatedPool(yield* Clock.currentTimeMillis)
  const { entries, rows } = simulated
  yield* Effect.provide(Effect.forEach(Array.chunksOf(rows, 5000), insertShares, { discard: true }), client)
  const newest = yield* Effect.flatMap(redisClient(redis.url), (streams) => append(streams, entries))
  const service = yield* testProcess({
    ...variables,
    TBG_REDIS_URL: redis.url,
    TBG_BITCOIN_NETWORK: "signet",
    TBG_RATE_LIMIT_MODE: "off"
  })
  const progress = run(`SELECT
    (SELECT coalesce(sum(value), 0)::int FROM tbg_api.mining_counters WHERE name = 'events') AS events,
    (SELECT count(*)::int FROM tbg_api.mining_gaps) AS gaps,
    (SELECT count(*)::int FROM tbg_api.mining_gaps WHERE finished_at IS NULL) AS unfinished`)
  yield* Effect.provide(Effect.flatMap(progress, decodeProgress), client).pipe(
    Effect.repeat({
      until: ([{ events, gaps, unfinished }]) => events === entries.length && gaps === 1 && unfinished === 0,
      schedule: Schedule.spaced("50 millis")
    }),
    Effect.timeout("40 seconds")
  )
  return { ...simulated, newest, url: service.url }
})

type Body = Readonly<Record<string, unknown>>

/**
 * Compares an answer with what is expected at its time. It repeats the request if a share left a window meanwhile. The
 * counts of the pool may be 2 seconds old, so `counts` must not have changed for so long.
 */
const compare = Effect.fnUntraced(function* (
  url: string,
  expectedAt: (now: number) => unknown,
  {
    counts = () => null,
    strip = (body) => body
  }: { counts?: (now: number) => unknown; strip?: (body: Body) => unknown } = {}
) {
  const attempt = Effect.gen(function* () {
    const from = yield* Clock.currentTimeMillis
    const { body, status } = yield* get(url)
    const to = yield* Clock.currentTimeMillis
    assert.strictEqual(status, 200, url)
    const wanted = expectedAt(to)
    const isSteady = JSON.stringify([expectedAt(from), counts(from - 2000)]) === JSON.stringify([wanted, counts(to)])
    return { body, from, isSteady, to, wanted }
  })
  const { body, from, to, wanted } = yield* Effect.repeat(attempt, { until: ({ isSteady }) => isSteady })
  const { as_of, lag_ms, ...rest } = Object(body)
  assertSame(strip(rest), wanted, url)
  if (as_of === undefined) return
  assert.strictEqual(lag_ms, 0, url)
  const time = DateTime.toEpochMillis(DateTime.makeUnsafe(as_of))
  assert.isTrue(from <= time && time <= to, url)
})

const withoutId = ({ id, ...block }: Body) => {
  assert.strictEqual(typeof id, "string")
  return block
}

/** Reads pages until there are at least `most` items or no more. */
const readPages = Effect.fnUntraced(function* (url: string, member: string, most: number) {
  const items: Array<Body> = []
  let next: string | null = ""
  while (next !== null && items.length < most) {
    const page: Answer = yield* get(`${url}${next === "" ? "" : `&cursor=${next}`}`)
    const { [member]: more, next_cursor } = Object(page.body)
    items.push(...more)
    next = next_cursor
  }
  return items
})

describe("a simulated pool with odd names, copies, late and forged shares, and an archive", () => {
  it.live(
    "has the same numbers on every route as its log, share by share",
    () =>
      Effect.gen(function* () {
        const { hashrateOf, newest, truth, url: origin, workers } = yield* projected
        const api = `${origin}/api/v1`
        const populationAt = (now: number) => expected.pool(truth, now).workers
        yield* compare(`${api}/pool`, (now) => expected.pool(truth, now), { counts: populationAt })
        yield* compare(`${api}/network`, () => expected.network(truth))
        for (const window of chartWindows) {
          yield* compare(`${api}/pool/hashrate?window=${window}`, (now) => chart(truth.shares, window, now))
        }

        const found = yield* readPages(`${api}/blocks?limit=2`, "blocks", 100)
        assertSame(found.map(withoutId), expected.blocks(truth), "blocks")
        for (const block of found) yield* compare(`${api}/blocks/${String(block["id"])}`, () => ({ block }))

        for (const address of new Set(truth.shares.map(({ address }) => address))) {
          const miner = `${api}/miners/${address}`
          const own = truth.shares.filter((share) => share.address === address)
          const workersAt = (now: number) => workersOf(truth, now, address)
          yield* compare(miner, (now) => ({ miner: expected.miner(truth, address, now) }))
          yield* compare(`${miner}/workers?limit=100`, (now) => ({
            workers: workersAt(now).map((worker) => expected.worker(worker, now)),
            next_cursor: null
          }))
          for (const window of chartWindows) {
            yield* compare(`${miner}/hashrate?window=${window}`, (now) => chart(own, window, now))
          }
          for (const { name, shares } of workersAt(0)) {
            const encoded = encodeURIComponent(name)
            yield* compare(`${miner}/workers/${encoded}`, (now) => ({
              worker: workersAt(now).flatMap((worker) =>
                worker.name === name ? [expected.worker(worker, now)] : []
              )[0]
            }))
            yield* compare(`${miner}/hashrate?worker=${encoded}`, (now) => chart(shares, "24h", now))
            const listed = yield* readPages(`${miner}/shares?limit=100&worker=${encoded}`, "shares", 200)
            assertSame(listed, expected.listedShares(truth, address, 1e14, name).slice(0, listed.length), name)
          }
          const listed = yield* readPages(`${miner}/shares?limit=100`, "shares", 1e6)
          assertSame(listed, expected.listedShares(truth, address, 1e14), address)
          yield* compare(`${origin}/users/${address}`, (now) => expected.ckpool(truth, address, now))
          yield* compare(`${origin}/api/client/${address}`, (now) => expected.publicPool(truth, address, now), {
            strip: ({ workers, ...client }) => ({
              ...client,
              workers: Object(workers).map(({ sessionId, ...worker }: Body) => {
                assert.match(String(sessionId), /^[0-9a-f]{8}$/)
                return worker
              })
            })
          })
        }

        const { duplicates, ...health } = Object((yield* get(`${origin}/health/mining`)).body)
        assert.isAtLeast(duplicates, truth.copies)
        assert.deepStrictEqual(health, {
          status: "ok",
          leader: true,
          lag_ms: 0,
          last_event_at: timeText(newest),
          quarantined: truth.refused,
          refills: 1
        })

        const now = yield* Clock.currentTimeMillis
        const missed = workersOf(truth, now).filter(({ address, difficulty, name, shares }) => {
          const worker = workers.find((one) => one.address === address && (one.name || "default") === name)
          const real = worker === undefined ? 0 : hashrateOf(worker, (now - 3_600_000) * 1000, now * 1000)
          const { high, low } = hashrates(shares, "miner", difficulty, now)["1h"]
          return real < low || real > (high ?? 0)
        })
        assert.isAtMost(missed.length, 4)
      }),
    120_000
  )
})
