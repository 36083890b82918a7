// Whether sessions should be shared by the statements of many requests: the same load through the service's own pool
// with multiplexing on and off, in turn. Prints statements a second and the ratio pair by pair.
import { Effect, Redacted } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { SqlClient } from "effect/sql"
import { makeSessionPool } from "../src/layers/database/SessionPool.ts"
import { makeTimed } from "../src/layers/database/Metrics.ts"
import { makeSqlConnection } from "../src/layers/database/SqlConnection.ts"
import { throwawayPostgres } from "../test/support/ThrowawayPostgres.ts"
import { PgClient } from "@effect/sql-pg"
import { median } from "./Service.ts"

const rounds = 7
const statements = 20_000
const concurrency = 64

const makeClient = Effect.fnUntraced(function* (url: string, multiplex: boolean) {
  const pool = yield* makeSessionPool({
    url: Redacted.make(url),
    host: "127.0.0.1",
    port: Number(new URL(url).port),
    pooled: true,
    multiplex,
    multiplexConcurrency: multiplex ? 32 : 1,
    maxConnections: 20,
    acquireTimeoutMs: 3000,
    maxWaiting: 1000,
    silenceLimitMs: 9000
  })
  const connectionOf = makeSqlConnection(yield* makeTimed)
  return yield* SqlClient.make({
    driver: "pg",
    compiler: PgClient.makeCompiler(),
    acquirer: Effect.map(pool.get, connectionOf),
    borrower: (f) => pool.use((session) => f(connectionOf(session))),
    spanAttributes: []
  })
})

/** Statements a second of single-row look-ups, 64 at a time. */
const throughput = (sql: SqlClient.SqlClient) =>
  Effect.gen(function* () {
    const begun = performance.now()
    yield* Effect.forEach(
      Array.from({ length: statements }, (_, index) => index),
      (index) => sql`SELECT ${index}::int AS id, now() AS at`,
      { concurrency, discard: true }
    )
    return (statements * 1000) / (performance.now() - begun)
  })

const program = Effect.gen(function* () {
  const { url } = yield* throwawayPostgres
  const shared = yield* makeClient(url, true)
  const exclusive = yield* makeClient(url, false)
  yield* Effect.all([throughput(shared), throughput(exclusive)])
  const pairs: Array<readonly [on: number, off: number]> = []
  for (let round = 0; round < rounds; round++) pairs.push([yield* throughput(shared), yield* throughput(exclusive)])
  const ratios = pairs.map(([on, off]) => on / off).toSorted((a, b) => a - b)
  const perSecond = (values: ReadonlyArray<number>) => Math.round(median(values))
  process.stdout.write(
    `multiplexed ${perSecond(pairs.map(([on]) => on))}/s, exclusive ${perSecond(pairs.map(([, off]) => off))}/s, ` +
      `ratio ${median(ratios).toFixed(2)} (${ratios.at(0)?.toFixed(2)} to ${ratios.at(-1)?.toFixed(2)})\n`
  )
})

await Effect.runPromise(Effect.scoped(program).pipe(Effect.provide(Reactivity.layer)))
