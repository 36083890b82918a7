// Reads of mining data over a durable Postgres. First the SQL time of the miner with the most shares, compared with
// summing its five windows from `shares`. Then latency at 200 requests/s (open loop) of that miner and of the pool. The
// data changes meanwhile, because answers to unchanged data are cached: 20 times per second, as often as a projection
// commits that waits for shares in between, and 100 times, as one that is always busy. Last the coverage of the interval
// for 10,000 simulated miners. Arguments: rows in `shares` (10,000,000), seconds of load (20) and rounds of SQL (15). Needs
// Linux with two cores, and `npm run build`.
import { Clock, Effect, Layer, Redacted, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { windowSeconds } from "../src/domain/mining/Rate.ts"
import { Miners } from "../src/services/mining/Miners.ts"
import { coverage } from "../test/support/mining/SimulatedMiner.ts"
import { rollUpShares } from "../test/support/mining/StoredShares.ts"
import { databaseAt } from "../test/support/TestDatabaseLayer.ts"
import { testClient } from "../test/support/TestDatabase.ts"
import { ample, backends } from "./Backends.ts"
import { commandsOf } from "./Commands.ts"
import { openLoad } from "./OpenLoad.ts"
import { serverOnBothCores } from "./PinnedServer.ts"
import { median } from "./Service.ts"

const [rows = 10_000_000, seconds = 20, rounds = 15] = process.argv.slice(2).map(Number)

/** Addresses of the pool. The first has a share of 1 in 20 rows, from 25 workers. */
const addresses = 5000
const top = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"

/** Fills `shares` evenly over 7 days, and the projection's tables from it. */
const fill = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`
    INSERT INTO public.shares (time, btc_address, worker_name, difficulty, share_diff)
    SELECT now() - interval '7 days' * (n::float8 / ${rows}::int), a, a || '.rig' || CASE WHEN m = 0 THEN n / 20 % 25 ELSE n % 4 END,
      d, d / (1 - random())
    FROM generate_series(1, ${rows}::int) n,
      LATERAL (SELECT CASE WHEN n % 20 = 0 THEN 0 ELSE 1 + n % ${addresses - 1}::int END AS m) x,
      LATERAL (SELECT CASE WHEN m = 0 THEN ${top} ELSE 'bc1qbench' || m END AS a, 1024 * (1 + n % 2) AS d) y`
  yield* sql`INSERT INTO tbg_api.mining_addresses (address) SELECT DISTINCT btc_address FROM public.shares`
  yield* sql`
    INSERT INTO tbg_api.mining_workers (address_id, name)
    SELECT DISTINCT a.id, substr(s.worker_name, length(a.address) + 2)
    FROM public.shares s JOIN tbg_api.mining_addresses a ON a.address = s.btc_address`
  yield* sql`
    INSERT INTO tbg_api.mining_shares (worker_id, slot, is_counted, is_refilled, at, arrived_at, difficulty, reached)
    SELECT w.id, 0, true, false, s.time, s.time, s.difficulty, s.share_diff
    FROM public.shares s JOIN tbg_api.mining_addresses a ON a.address = s.btc_address
    JOIN tbg_api.mining_workers w ON w.address_id = a.id AND w.name = substr(s.worker_name, length(a.address) + 2)`
  yield* rollUpShares(1)
  yield* sql`INSERT INTO tbg_api.mining_network (height, hash, difficulty, at) VALUES (900000, 'aa', 1.5e14, now())`
  yield* sql`DELETE FROM tbg_api.mining_shares WHERE at < now() - interval '3 hours'`
  yield* sql`VACUUM ANALYZE`
})

const millisecondsOf = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>) {
  const begun = performance.now()
  yield* effect
  return performance.now() - begun
})

const compareSql = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { find } = yield* Miners
  const fromShares = Effect.forEach(
    Object.values(windowSeconds),
    (length) => sql`
      SELECT sum(difficulty) FROM public.shares
      WHERE btc_address = ${top} AND time > now() - make_interval(secs => ${length}) AND time <= now()`,
    { discard: true }
  )
  const miner = Effect.flatMap(Clock.currentTimeMillis, (now) => find(top, now))
  const times = { miner: Array<number>(), sums: Array<number>() }
  for (let round = 0; round < rounds; round++) {
    times.miner.push(yield* millisecondsOf(miner))
    times.sums.push(yield* millisecondsOf(fromShares))
  }
  const [a, b] = [median(times.miner), median(times.sums)]
  const { shares } = yield* miner
  process.stdout.write(
    `miner with ${shares.total} shares: ${a.toFixed(2)} ms; five sums over ${rows} shares: ${b.toFixed(2)} ms; ` +
      `ratio ${(a / b).toFixed(4)} (<= 0.05)\n`
  )
})

/** Advances the state of the data, as the projection does with each commit. */
const changes = Effect.fnUntraced(function* (perSecond: number) {
  const sql = yield* SqlClient.SqlClient
  const change = sql`UPDATE tbg_api.mining_state SET version = version + 1, last_event_at = now(), polled_at = now()`
  yield* Effect.repeat(change, Schedule.fixed(1000 / perSecond))
  return yield* Effect.never
})

const version = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{ readonly version: number }>`SELECT version::int FROM tbg_api.mining_state`
  return row?.version ?? Number.NaN
})

const program = Effect.gen(function* () {
  const variables = { ...(yield* backends), ...ample, TBG_ENVIRONMENT: "development" }
  const url = variables.TBG_DATABASE_URL
  commandsOf("dist/main.js", variables)("migrate", "up")
  yield* Effect.provide(fill, testClient(Redacted.make(url)))
  const database = databaseAt(url, { TBG_DATABASE_STATEMENT_TIMEOUT_MS: "600000" })
  yield* Effect.provide(compareSql, Layer.provideMerge(Miners.layer, database))
  const server = yield* serverOnBothCores(["dist/main.js", "serve"], { ...variables, TBG_PROJECTION: "off" })
  const miner = `/api/v1/miners/${top}`
  const targets = [
    [miner, 15, 20],
    ["/api/v1/pool", 20, 20],
    [miner, 15, 100],
    ["/api/v1/pool", 20, 100]
  ] as const
  for (const [path, limitMs, changesPerSecond] of targets) {
    const load = { url: server.url, path, headers: {}, perSecond: 200, seconds, connections: 100, limitMs }
    const [changed, { good, late, lost, p50Ms, p99Ms, shed, unsent }] = yield* Effect.gen(function* () {
      const before = yield* version
      const outcome = yield* Effect.raceFirst(
        Effect.promise(() => openLoad(load)),
        changes(changesPerSecond)
      )
      return [(yield* version) - before, outcome] as const
    }).pipe(Effect.provide(database))
    process.stdout.write(
      `${path} at 200 requests/s and ${Math.round(changed / (seconds + 1))} changes/s: p50 ${p50Ms.toFixed(1)} ms, ` +
        `p99 ${p99Ms.toFixed(1)} ms (< ${limitMs}); per second ` +
        `${good} good, ${late} late, ${shed} shed, ${lost} lost, ${unsent} unsent\n`
    )
  }
  const { atLeastFive, below } = coverage({ miners: 10_000, seed: 20_261_201 })
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
  process.stdout.write(
    `coverage of the interval: ${percent(atLeastFive.covered)} with at least 5 expected shares (94 to 99), ` +
      `${percent(below.covered)} below (>= 94)\n`
  )
})

await Effect.runPromise(Effect.scoped(program))
