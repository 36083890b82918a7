import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { timestampOf } from "../../../domain/Timestamp.ts"
import type { ShareRow } from "./Event.ts"

/** Value of `shares.source` by which rows of the simulator are recognized. */
const source = "simulated"

const decodeExists = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ exists: Schema.Boolean })]))

/** Whether `shares` has a row that the simulator did not write. */
export const hasForeignShares = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql`
    SELECT EXISTS (SELECT FROM public.shares WHERE source IS DISTINCT FROM ${source}) AS exists`
  const [{ exists }] = yield* Effect.orDie(decodeExists(rows))
  return exists
})

/** Whether `shares` has a row. */
export const hasShares = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [{ exists }] = yield* Effect.orDie(
    decodeExists(yield* sql`SELECT EXISTS (SELECT FROM public.shares) AS exists`)
  )
  return exists
})

/** Inserts shares in one statement, as a batch of the collector. */
export const insertShares = Effect.fnUntraced(function* (rows: ReadonlyArray<ShareRow>) {
  if (rows.length === 0) return
  const sql = yield* SqlClient.SqlClient
  const given = rows.map(({ at, ...row }) => ({ ...row, at: timestampOf(at) }))
  yield* sql`
    INSERT INTO public.shares
      (time, btc_address, worker_name, difficulty, share_diff, is_valid, is_block, ip_address, source)
    SELECT at, address, worker, difficulty, reached, true, false, '0.0.0.0', ${source}
    FROM jsonb_to_recordset(${JSON.stringify(given)}::jsonb)
      AS given (at timestamptz, address text, worker text, difficulty double precision, reached double precision)`
})
