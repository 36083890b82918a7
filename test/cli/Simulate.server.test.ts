import { assert, describe, it } from "@effect/vitest"
import { Effect, Schedule } from "effect"
import { Redis } from "ioredis"
import { validSecret } from "../support/ConfigFrom.ts"
import { programOnDatabase } from "../support/ProgramOnDatabase.ts"
import { runningProgram } from "../support/RunningProgram.ts"
import { run } from "../support/TestMigrations.ts"
import { programResult } from "../support/TestProcess.ts"
import { throwawayRedis } from "../support/ThrowawayRedis.ts"

/** An empty migrated database and an empty Redis, with a client of each. */
const stores = Effect.gen(function* () {
  const { client, migrate, variables } = yield* programOnDatabase
  const redis = yield* throwawayRedis()
  const streams = yield* Effect.acquireRelease(
    Effect.sync(() => new Redis(redis.url, { replyMapping: "legacy" })),
    (streams) => Effect.sync(() => streams.disconnect())
  )
  const environment = { ...variables, TBG_REDIS_URL: redis.url, TBG_BITCOIN_NETWORK: "signet" }
  yield* migrate("up")
  const lengthOf = (type: string) => Effect.promise(() => streams.xlen(`mining:${type}`))
  const shares = Effect.provide(
    run(`SELECT count(*)::int AS count, count(DISTINCT btc_address)::int AS miners,
      bool_and(time BETWEEN now() - interval '10 minutes' AND now() + interval '5 seconds') AS is_recent FROM shares`),
    client
  )
  return { client, environment, lengthOf, shares, streams }
})

const types = [
  "share_submitted",
  "share_best_diff",
  "miner_connected",
  "miner_disconnected",
  "new_block_network",
  "block_found"
]

describe("tbg simulate", () => {
  it.live("writes the streams and the table, faster than real time, and counts what it wrote", () =>
    Effect.gen(function* () {
      const { environment, lengthOf, shares, streams } = yield* stores
      const args = ["simulate", "--miners", "10", "--rate", "60", "--for", "60s", "--speed", "30", "--faults", "all"]
      const { code, stderr, stdout } = yield* programResult(args, environment)
      assert.strictEqual(code, 0, stderr)
      assert.match(
        stderr,
        /^simulating 10 miners with \d+ workers and \d+(\.\d+)? [TP]H\/s \(seed 1\) on Redis 127\.0\.0\.1:\d+\n/
      )
      assert.include(stderr, "60 of 60 simulated seconds\n")
      const lengths = yield* Effect.forEach(types, lengthOf)
      const [, entries, rows] = /^appended (\d+) stream entries and inserted (\d+) shares\n$/.exec(stdout) ?? []
      assert.strictEqual(
        Number(entries),
        lengths.reduce((sum, length) => sum + length, 0)
      )
      assert.isAbove(lengths[0] ?? 0, 2000)
      assert.deepStrictEqual(yield* shares, [{ count: Number(rows), miners: 10, is_recent: true }])
      const [[, fields] = []] = yield* Effect.promise(() =>
        streams.xrange("mining:share_submitted", "-", "+", "COUNT", 1)
      )
      assert.include(fields ?? [], "event")
    })
  )

  it.live("stores what it has appended and exits with 0 on SIGINT", () =>
    Effect.gen(function* () {
      const { environment, lengthOf, shares } = yield* stores
      const simulator = yield* runningProgram(["simulate", "--rate", "300"], environment)
      yield* Effect.repeat(lengthOf("share_submitted"), {
        until: (length) => length > 50,
        schedule: Schedule.spaced("20 millis")
      })
      yield* simulator.signal("SIGINT")
      assert.deepStrictEqual(yield* simulator.exit, { code: 0, signal: null })
      const [stored] = yield* shares
      assert.propertyVal(stored, "count", yield* lengthOf("share_submitted"))
      assert.include(yield* simulator.output, "appended")
    })
  )

  it.live("refuses a table with rows that it did not write, unless --yes is given", () =>
    Effect.gen(function* () {
      const { client, environment, lengthOf } = yield* stores
      const tbg = (...more: ReadonlyArray<string>) =>
        programResult(["simulate", "--miners", "1", "--for", "1s", ...more], environment)
      assert.propertyVal(yield* tbg(), "code", 0)
      assert.propertyVal(yield* tbg(), "code", 0)
      const insert = "INSERT INTO shares (time, btc_address, difficulty, share_diff) VALUES (now(), 'tb1qreal', 1, 2)"
      yield* Effect.provide(run(insert), client)
      const before = yield* lengthOf("miner_connected")
      const { code, stderr } = yield* tbg()
      assert.deepStrictEqual(
        [code, stderr],
        [64, "the table shares has rows that tbg simulate did not write; use another database, or add --yes\n"]
      )
      assert.strictEqual(yield* lengthOf("miner_connected"), before)
      assert.propertyVal(yield* tbg("--yes"), "code", 0)
    })
  )

  it.live("names the store, flag or value that is wrong", () =>
    Effect.gen(function* () {
      const { environment } = yield* stores
      const refusal = (args: ReadonlyArray<string>, variables = {}) =>
        programResult(["simulate", ...args], { ...environment, ...variables })
      const embedded = yield* refusal([], { TBG_REDIS_URL: "embedded" })
      assert.strictEqual(embedded.code, 64)
      assert.include(embedded.stderr, "set TBG_MINING_REDIS_URL or TBG_REDIS_URL to redis://HOST:PORT")
      const away = yield* refusal([], { TBG_REDIS_URL: "redis://127.0.0.1:1" })
      assert.strictEqual(away.code, 69)
      assert.include(away.stderr, "unreachable")
      const fast = yield* refusal(["--speed", "10"])
      assert.deepStrictEqual(
        [fast.code, fast.stderr],
        [64, "--speed needs --for, because the simulation ends at the present time\n"]
      )
      for (const [flag, value] of [
        ["--faults", "earthquakes"],
        ["--for", "10"]
      ] as const) {
        const { code, stderr } = yield* refusal([`${flag}=${value}`])
        assert.strictEqual(code, 64)
        assert.include(stderr, `${flag} "${value}": expected `)
      }
    })
  )

  it.live.each(["staging", "production"] as const)("is refused in %s before it connects to a store", (environment) =>
    Effect.gen(function* () {
      const { code, stderr, stdout } = yield* programResult(["simulate"], {
        TBG_ENVIRONMENT: environment,
        TBG_DATABASE_URL: "postgresql://tbg@127.0.0.1:1/tbg",
        TBG_REDIS_URL: "redis://127.0.0.1:1",
        TBG_SECRET_KEY: validSecret,
        TBG_PUBLIC_URL: "https://game.example.com"
      })
      assert.deepStrictEqual([code, stdout], [64, ""])
      assert.include(stderr, `tbg simulate is refused in ${environment}`)
    })
  )
})
