import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { shareStream } from "../../../src/domain/mining/StreamEntry.ts"
import type { StreamState } from "../../../src/domain/mining/StreamEntry.ts"
import { Gaps } from "../../../src/services/mining/Gaps.ts"
import { Projection } from "../../../src/services/mining/Projection.ts"
import { addressA, addressB, second, shareEntry, start } from "../../support/mining/Entries.ts"
import { miningServices, takeLease } from "../../support/mining/MiningServices.ts"
import { applyAll, clear, tables } from "../../support/mining/MiningTables.ts"

const streamOf = (entries: StreamState["entries"]): StreamState => ({
  stream: shareStream,
  entries,
  oldest: entries[0]?.id,
  newest: entries.at(-1)?.id,
  isWrongType: false
})

const archive = (rows: ReadonlyArray<{ readonly at: number; readonly worker: string; readonly reached: number }>) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`
      INSERT INTO public.shares (time, btc_address, worker_name, difficulty, share_diff)
      SELECT to_timestamp((${start} + at) / 1e6), ${addressA}, worker, 1000, reached
      FROM json_to_recordset(${JSON.stringify(rows)}::json) AS r (at double precision, worker text, reached double precision)`
  )

const refillAll = Effect.gen(function* () {
  const { refillNext } = yield* Gaps
  const lease = yield* takeLease
  let chunks = 0
  while (yield* refillNext(lease)) chunks += 1
  return chunks
})

const reset = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* clear
  yield* sql`TRUNCATE public.shares, tbg_api.mining_gaps`
})

layer(Layer.provideMerge(Gaps.layer, miningServices))("Gaps", (it) => {
  it.effect(
    "refills the archive in chunks as if its shares had been in the stream, and never splits a microsecond",
    () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const { detect } = yield* Gaps
        const shares = Array.from({ length: 4500 }, (_, n) => ({
          // 2,400 shares, more than a chunk, have the same time.
          at: n < 2100 ? n * 17 * second + 123_457 : 40_000 * second,
          reached: 1000 + n
        }))
        yield* reset
        yield* applyAll([shares.map(({ at, reached }, sequence) => shareEntry({ at, reached, sequence }))])
        const expected = yield* tables

        yield* reset
        yield* archive(shares.map((share) => ({ ...share, worker: `${addressA}.rig` })))
        yield* archive([
          { at: 5, worker: `${addressB}.rig`, reached: 5 },
          { at: 5, worker: `${addressA}\u0001`, reached: 5 }
        ])
        yield* detect(yield* takeLease, [streamOf([])], new Map())
        const chunks = yield* refillAll
        const found = yield* tables
        assert.deepStrictEqual<unknown>(
          { ...found, shares: [], duplicates: [] },
          { ...expected, shares: [], duplicates: [] }
        )
        assert.isAbove(chunks, 2)
        assert.deepStrictEqual(
          yield* sql`
          SELECT name, label, value::int FROM tbg_api.mining_counters WHERE name <> 'duplicates' ORDER BY name`,
          [
            { name: "refilled", label: "", value: 4500 },
            { name: "refills", label: "first_start", value: 1 },
            { name: "skipped", label: "archived", value: 2 }
          ]
        )
      })
  )

  it.effect("refills only missed shares between two entries, without copies of counted shares", () =>
    Effect.gen(function* () {
      yield* reset
      const sql = yield* SqlClient.SqlClient
      const { detect } = yield* Gaps
      yield* detect(yield* takeLease, [streamOf([])], new Map())
      yield* refillAll
      yield* applyAll([[shareEntry({ at: 0, reached: 1 }), shareEntry({ at: second, reached: 2 })]])
      const next = [shareEntry({ at: 900 * second, reached: 5 })]
      yield* archive(
        [
          { at: -2000, reached: 1 },
          { at: 2 * second, reached: 2 },
          { at: 3 * second, reached: 3 },
          { at: 400 * second, reached: 4 },
          { at: 901 * second, reached: 5 }
        ].map((share) => ({ ...share, worker: `${addressA}.rig` }))
      )
      const { positions } = yield* Gaps
      const [resumption, ...others] = yield* detect(yield* takeLease, [streamOf(next)], yield* positions)
      assert.deepStrictEqual([resumption?.gap?.reason, others], ["trimmed", []])
      assert.deepStrictEqual(yield* detect(yield* takeLease, [streamOf(next)], yield* positions), [])
      yield* refillAll
      const { apply } = yield* Projection
      yield* apply(yield* takeLease, next, true)
      assert.deepStrictEqual(yield* sql`SELECT reached FROM tbg_api.mining_shares WHERE is_counted ORDER BY reached`, [
        { reached: 1 },
        { reached: 2 },
        { reached: 3 },
        { reached: 4 },
        { reached: 5 }
      ])
      const total = yield* sql`SELECT shares::int FROM tbg_api.mining_workers`
      assert.deepStrictEqual(total, [{ shares: 5 }])
    })
  )

  it.effect("refills shares that an outage of Redis lost, and recognizes their entries if they arrive later", () =>
    Effect.gen(function* () {
      yield* reset
      const sql = yield* SqlClient.SqlClient
      const { positions, recordOutage } = yield* Gaps
      yield* applyAll([[shareEntry({ at: 0, reached: 1 })]])
      const lost = { at: -5 * second, reached: 2 }
      const late = { at: 10 * second, reached: 3 }
      yield* archive([lost, late].map((share) => ({ ...share, worker: `${addressA}.rig` })))
      yield* recordOutage(yield* takeLease, yield* positions)
      yield* refillAll
      yield* applyAll([[shareEntry({ ...late, arrived: 3_000_000 })]])
      assert.deepStrictEqual(yield* sql`SELECT shares::int FROM tbg_api.mining_workers`, [{ shares: 3 }])
    })
  )

  it.effect("keeps the shares of an hour while a gap next to it is open", () =>
    Effect.gen(function* () {
      yield* reset
      const sql = yield* SqlClient.SqlClient
      const { apply } = yield* Projection
      const lease = yield* takeLease
      const hour = 3600 * second
      yield* apply(lease, [shareEntry({ at: 0, reached: 1 })], true)
      const gap = (finished: string) => sql`
        INSERT INTO tbg_api.mining_gaps (reason, from_at, to_at, next_at, created_at, finished_at)
        SELECT 'trimmed', t, t + interval '1 minute', t + interval '1 minute', now(), ${finished}::timestamptz
        FROM to_timestamp(${start / 1e6}::double precision) t`
      yield* gap("infinity")
      yield* sql`UPDATE tbg_api.mining_gaps SET finished_at = NULL`
      const later = [shareEntry({ at: 4 * hour, reached: 2 })]
      assert.strictEqual((yield* Effect.flip(apply(lease, later, true)))._tag, "GapOpen")
      yield* sql`UPDATE tbg_api.mining_gaps SET finished_at = now()`
      yield* apply(lease, later, true)
      assert.deepStrictEqual(yield* sql`SELECT reached FROM tbg_api.mining_shares`, [{ reached: 2 }])
    })
  )
})
