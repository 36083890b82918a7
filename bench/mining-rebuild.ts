// Speed of `tbg mining rebuild` on a durable Postgres: rows of `shares` per second, with the pauses between days, which
// take about half of the time. Needs `npm run build`. Arguments: rows in `shares` (2000000), days (4), addresses (8); with these, each worker
// sends 15 shares a minute.
import { Effect, Redacted, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { makeFleet } from "../src/services/mining/simulation/Fleet.ts"
import { testClient } from "../test/support/TestDatabase.ts"
import { durablePostgres } from "./Backends.ts"
import { commandsOf } from "./Commands.ts"

const [rows = 2_000_000, days = 4, miners = 8] = process.argv.slice(2).map(Number)

/** Fills `shares` evenly over the last days. */
const fill = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { workers } = yield* makeFleet({ seed: "bench", miners, network: "signet" })
  const names = JSON.stringify(workers.map(({ address, fullName }, n) => ({ n, address, name: fullName })))
  yield* sql`CREATE TEMPORARY TABLE fleet AS
    SELECT * FROM json_to_recordset(${names}::json) AS r (n int, address text, name text)`
  yield* sql`CREATE INDEX ON fleet (n)`
  yield* sql`
    INSERT INTO public.shares (time, btc_address, worker_name, difficulty, share_diff)
    SELECT now() - interval '1 day' * (${days}::int * s.n::float8 / ${rows}::int), address, name, d, d / (1 - random())
    FROM generate_series(1, ${rows}::int) AS s (n) CROSS JOIN LATERAL (SELECT 1024 * (1 + s.n % 2) AS d) y
    JOIN fleet f ON f.n = s.n % ${workers.length}::int`
  yield* sql`INSERT INTO tbg_api.mining_streams VALUES ('mining:share_submitted', '1-0', now())`
  yield* sql`VACUUM ANALYZE`
  return workers.length
}).pipe(Effect.scoped)

const decodeReport = Schema.decodeUnknownSync(
  Schema.fromJsonString(Schema.Struct({ days: Schema.Int, shares: Schema.Struct({ after: Schema.Number }) }))
)

const program = Effect.gen(function* () {
  const postgres = yield* durablePostgres
  const variables = { TBG_ENVIRONMENT: "test", TBG_DATABASE_URL: postgres.url, TBG_BITCOIN_NETWORK: "signet" }
  const tbg = commandsOf("dist/main.js", variables)
  tbg("migrate", "up")
  const workers = yield* Effect.provide(fill, testClient(Redacted.make(postgres.url)))
  const started = performance.now()
  const report = decodeReport(tbg("mining", "rebuild", "--json"))
  const seconds = (performance.now() - started) / 1000
  if (report.shares.after !== rows) return yield* Effect.die(`rebuilt ${report.shares.after} of ${rows} shares`)
  process.stdout.write(
    `${rows} shares of ${workers} workers in ${report.days} days: ${seconds.toFixed(1)} s, ` +
      `${Math.round(rows / seconds)} rows/s with pauses\n`
  )
})

await Effect.runPromise(Effect.scoped(program))
