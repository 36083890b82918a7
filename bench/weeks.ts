// Figures of the weekly boards on a durable Postgres: seconds in which a leader computes the weeks of many addresses
// again, the current one first, and the fold of the addresses that shares change in 250 ms. Arguments: addresses
// (100000), addresses of a fold (400).
import { Context, Effect, Layer, Redacted } from "effect"
import { Client } from "pg"
import { Leadership } from "../src/services/mining/Leadership.ts"
import { WeekChanges } from "../src/services/weeks/WeekChanges.ts"
import { addressesPerChunk, WeekFold } from "../src/services/weeks/WeekFold.ts"
import { createMiningTables } from "../test/support/mining/MiningDatabase.ts"
import { testClient } from "../test/support/TestDatabase.ts"
import { durablePostgres } from "./Backends.ts"
import { percentile } from "./MiningFigures.ts"

const [addresses = 100_000, perFold = 400] = process.argv.slice(2).map(Number)
const folds = 40

/** Two workers for each address, with rows of two difficulties on each day of the last 7; an account for each tenth. */
const fill = async (client: Client) => {
  const statements = [
    `INSERT INTO tbg_api.mining_addresses (address, workers, shares)
      SELECT 'tb1q' || md5(n::text), 2, 1 FROM generate_series(1, ${addresses}) n`,
    `INSERT INTO tbg_api.mining_workers (address_id, name) SELECT id, w FROM tbg_api.mining_addresses, unnest(ARRAY['a', 'b']) w`,
    `INSERT INTO tbg_api.mining_work_1d (worker_id, bucket, difficulty, shares, below, best, best_at)
      SELECT w.id, day, d, 60, 1, d * 60 * (1 + random()), day + interval '1 hour' * random()
      FROM tbg_api.mining_workers w, unnest(ARRAY[1024, 2048]) d,
        generate_series(date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' - interval '6 days', now(), '1 day') day`,
    "INSERT INTO tbg_api.accounts SELECT gen_random_uuid(), NULL, NULL, true, now(), now() FROM generate_series(1, 10000)",
    `INSERT INTO tbg_api.account_addresses
      SELECT a.address, c.id, now() FROM (SELECT id, row_number() OVER () AS n FROM tbg_api.accounts) c
      JOIN (SELECT address, id, row_number() OVER (ORDER BY id) AS n FROM tbg_api.mining_addresses WHERE id % 10 = 0) a USING (n)`,
    "ANALYZE"
  ]
  for (const statement of statements) await client.query(statement)
}

const program = Effect.gen(function* () {
  const postgres = yield* durablePostgres
  const database = testClient(Redacted.make(postgres.url))
  yield* Effect.provide(createMiningTables, database)
  const client = new Client({ connectionString: postgres.url })
  yield* Effect.addFinalizer(() => Effect.promise(() => client.end()))
  yield* Effect.promise(() => client.connect())
  yield* Effect.promise(() => fill(client))
  const services = yield* Layer.build(
    WeekFold.layer.pipe(Layer.provideMerge(Layer.merge(Leadership.layer, WeekChanges.layer)), Layer.provide(database))
  )
  const fold = Context.get(services, WeekFold)
  const { publish, record } = Context.get(services, WeekChanges)
  const lease = yield* Context.get(services, Leadership).acquire("bench")
  if (lease === undefined) return yield* Effect.die("no lease")

  /** Seconds of a term until the current week is folded, and until nothing waits. */
  const term = Effect.gen(function* () {
    const start = performance.now()
    const elapsed = () => ((performance.now() - start) / 1000).toFixed(1)
    yield* fold.begin
    yield* Effect.repeat(fold.next(lease), { times: Math.ceil(addresses / addressesPerChunk) - 1 })
    const current = elapsed()
    yield* Effect.repeat(fold.next(lease), { while: (hasMore) => hasMore })
    return { current, all: elapsed() }
  })
  // The daily rows are in two weeks, one of which is closed.
  const first = yield* term
  const second = yield* term
  const now = Date.now()
  const durations: Array<number> = []
  for (let turn = 0; turn < folds; turn++) {
    const changes = Array.from({ length: perFold }, (_, index) => ({
      addressId: 1 + ((turn * perFold + index * 7) % addresses),
      at: now * 1000
    }))
    yield* Effect.promise(() =>
      client.query(
        `UPDATE tbg_api.mining_work_1d SET shares = shares + 1
        WHERE worker_id = ANY (SELECT min(id) FROM tbg_api.mining_workers WHERE address_id = ANY ($1) GROUP BY address_id)
          AND bucket = date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'`,
        [changes.map(({ addressId }) => addressId)]
      )
    )
    yield* Effect.andThen(record(changes), publish)
    const before = performance.now()
    yield* fold.next(lease)
    durations.push(performance.now() - before)
  }
  const rows = [
    ["addresses", String(addresses), ""],
    ["first computation of the current week, s", first.current, ""],
    ["first computation of two weeks, with a closing, s", first.all, ""],
    ["current week by the next leader, s", second.current, "10"],
    ["the same two weeks by the next leader, s", second.all, ""],
    [`fold of ${perFold} addresses p50, ms`, percentile(durations, 0.5).toFixed(0), ""],
    [`fold of ${perFold} addresses p99, ms`, percentile(durations, 0.99).toFixed(0), "250"]
  ]
  process.stdout.write(
    ["| figure | measured | bound |", "|---|---|---|", ...rows.map((row) => `| ${row.join(" | ")} |`), ""].join("\n")
  )
})

await Effect.runPromise(Effect.scoped(program))
