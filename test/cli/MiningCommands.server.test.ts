import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { SqlClient } from "effect/sql"
import { whileLocked } from "../support/Locks.ts"
import { addressA } from "../support/mining/Entries.ts"
import { programOnDatabase } from "../support/ProgramOnDatabase.ts"
import { run } from "../support/TestMigrations.ts"
import { programResult, testProcess } from "../support/TestProcess.ts"

const daysAgo = (days: number) =>
  `date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' - interval '${days} days'`

/** Three shares on each of the last three days, and totals of the pool that are wrong on each. */
const statements = [
  `INSERT INTO public.shares (time, btc_address, worker_name, difficulty, share_diff)
    SELECT ${daysAgo(0)} - make_interval(days => day, secs => -n), '${addressA}', '${addressA}.rig', 1000, 2000 + n
    FROM generate_series(0, 2) AS day, generate_series(1, 3) AS n`,
  `INSERT INTO tbg_api.mining_pool SELECT 86400, ${daysAgo(0)} - make_interval(days => day), 99, 1, 1, 1
    FROM generate_series(0, 2) AS day`,
  `INSERT INTO tbg_api.mining_streams VALUES ('mining:share_submitted', '1-0', now())`,
  `INSERT INTO tbg_api.mining_counters VALUES ('quarantined', 'misattributed', 3), ('quarantined', 'bad_json', 1)`,
  `INSERT INTO tbg_api.mining_quarantine (at, stream, entry, reason, content) VALUES
    ('2026-12-01 00:00Z', 'mining:share_submitted', '1-1', 'bad_json', '{"data":"{"}'),
    ('2026-12-01 00:01Z', 'mining:share_submitted', '1-2', 'misattributed', '{}')`
]

const besideShares = Effect.gen(function* () {
  const program = yield* programOnDatabase
  yield* program.migrate("up")
  yield* Effect.forEach(statements, run).pipe(Effect.provide(program.client))
  const mining = (...args: ReadonlyArray<string>) =>
    programResult(["mining", ...args], { ...program.variables, TBG_BITCOIN_NETWORK: "regtest" })
  return { ...program, mining }
})

const pool = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql`SELECT shares::int FROM tbg_api.mining_pool WHERE step = 86400 ORDER BY bucket`
)
const isWaiting = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
)

describe("tbg mining", () => {
  it.live("continues a rebuild that was killed in the middle of a day, and reports the differences", () =>
    Effect.gen(function* () {
      const { client, mining } = yield* besideShares
      const killed = Effect.gen(function* () {
        const rebuilding = yield* Effect.forkChild(mining("rebuild"))
        yield* Effect.repeat(Effect.delay(isWaiting, "20 millis"), { until: (rows) => rows.length > 0 })
        assert.deepStrictEqual(yield* pool, [{ shares: 3 }, { shares: 99 }, { shares: 99 }])
        yield* Fiber.interrupt(rebuilding)
      })
      const secondDay = `SELECT FROM tbg_api.mining_pool WHERE bucket = ${daysAgo(1)} FOR UPDATE`
      yield* Effect.provide(whileLocked(secondDay, killed), client)
      const { code, stderr, stdout } = yield* mining("rebuild", "--json")
      assert.deepStrictEqual([code, stderr.split("\n")[0]], [0, "continuing after 1 of 3 days"])
      const report = JSON.parse(stdout)
      assert.deepInclude(report, { days: 3, skipped: 0, shares: { before: 0, after: 9 } })
      assert.lengthOf(report.changed_days, 3)
      assert.deepStrictEqual(yield* Effect.provide(pool, client), [{ shares: 3 }, { shares: 3 }, { shares: 3 }])
    })
  )

  it.live("projects as a process of its own, which serves probes and metrics but no API", () =>
    Effect.gen(function* () {
      const { migrate, variables } = yield* programOnDatabase
      yield* migrate("up")
      const { exit, signal, url } = yield* testProcess(variables, { args: ["mining", "project"] })
      const ask = (path: string) => Effect.promise(() => fetch(url + path).then((response) => response.status))
      assert.deepStrictEqual(yield* Effect.forEach(["/health", "/ready", "/v1/teams/a/posts"], ask), [200, 200, 404])
      const scrape = Effect.promise(() => fetch(`${url}/metrics`).then((response) => response.text()))
      const isLeading = (text: string) => text.includes("tbg_mining_leader 1")
      yield* Effect.repeat(Effect.delay(scrape, "100 millis"), { until: isLeading })
      yield* signal("SIGTERM")
      assert.deepStrictEqual(yield* exit, { code: 0, signal: null })
    })
  )

  it.live("lists the newest quarantined events and the number of each reason", () =>
    Effect.gen(function* () {
      const { mining } = yield* besideShares
      const { code, stdout } = yield* mining("quarantine", "--limit", "1", "--json")
      assert.deepStrictEqual(
        [code, JSON.parse(stdout)],
        [
          0,
          {
            totals: [
              { reason: "misattributed", events: 3 },
              { reason: "bad_json", events: 1 }
            ],
            events: [
              {
                at: "2026-12-01T00:01:00.000Z",
                stream: "mining:share_submitted",
                entry: "1-2",
                reason: "misattributed",
                content: "{}"
              }
            ]
          }
        ]
      )
    })
  )
})
