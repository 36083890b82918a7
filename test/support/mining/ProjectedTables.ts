import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { rounded } from "./Reference.ts"

const micros = (expression: string) => `(extract(epoch FROM ${expression}) * 1000000)::bigint`
const dayMicros = (column: string) => micros(`${column}::timestamp AT TIME ZONE 'UTC'`)

/** Members of a row by name, as SQL expressions. */
type Members = Readonly<Record<string, string>>

const best: Members = { best: "best", best_at: micros("best_at") }
const times: Members = {
  shares: "shares::int",
  first_seen: micros("first_seen"),
  last_share_at: micros("last_share_at")
}

const select = (key: ReadonlyArray<string>, members: Members, from: string): string => {
  const pairs = Object.entries(members).map(([name, expression]) => `'${name}', ${expression}`)
  const row = `jsonb_build_object('key', jsonb_build_array(${key.join(", ")}), ${pairs.join(", ")})`
  return `SELECT coalesce(jsonb_agg(${row}), '[]'::jsonb) AS rows FROM ${from}`
}

const workers =
  "JOIN tbg_api.mining_workers w ON w.id = t.worker_id JOIN tbg_api.mining_addresses a ON a.id = w.address_id"

const work = (table: string) =>
  select(
    ["a.address", "w.name", micros("t.bucket"), "t.difficulty"],
    { shares: "t.shares", below: "t.below", best: "t.best", best_at: micros("t.best_at") },
    `tbg_api.${table} t ${workers} WHERE t.shares > 0`
  )

const queries = {
  addresses: select(["address"], { ...times, ...best }, "tbg_api.mining_addresses WHERE shares > 0"),
  workers: select(
    ["a.address", "t.name"],
    {
      shares: "t.shares::int",
      first_seen: micros("t.first_seen"),
      last_share_at: micros("t.last_share_at"),
      best: "t.best",
      best_at: micros("t.best_at")
    },
    "tbg_api.mining_workers t JOIN tbg_api.mining_addresses a ON a.id = t.address_id WHERE t.shares > 0"
  ),
  work5m: work("mining_work_5m"),
  work1h: work("mining_work_1h"),
  work1d: work("mining_work_1d"),
  ratios: select(
    ["a.address", dayMicros("t.day"), "t.bin"],
    { shares: "t.shares" },
    "tbg_api.mining_ratios t JOIN tbg_api.mining_addresses a ON a.id = t.address_id WHERE t.shares > 0"
  ),
  pool: select(
    ["step", micros("bucket")],
    { shares: "shares::int", work: "work", work_squared: "work_squared" },
    "tbg_api.mining_pool WHERE shares > 0"
  ),
  poolBests: select([dayMicros("day")], best, "tbg_api.mining_pool_bests")
} as const

const Row = Schema.StructWithRest(Schema.Struct({ key: Schema.Array(Schema.Union([Schema.String, Schema.Number])) }), [
  Schema.Record(Schema.String, Schema.Json)
])
const decodeRows = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ rows: Schema.Array(Row) })]))

const roundedWork = (row: typeof Row.Type): typeof Row.Type =>
  typeof row["work"] === "number" && typeof row["work_squared"] === "number"
    ? { ...row, work: rounded(row["work"]), work_squared: rounded(row["work_squared"]) }
    : row

/** Content of the projection's tables in the form of `reference`. */
export const projectedTables = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  return yield* Effect.all(
    Object.fromEntries(
      Object.entries(queries).map(([name, query]) => [
        name,
        Effect.map(Effect.flatMap(sql.unsafe(query), decodeRows), ([{ rows }]) => rows.map(roundedWork))
      ])
    )
  )
})
