import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { addressA, start } from "./Entries.ts"
import type { ShareFields } from "./Entries.ts"

/** Address of the network `regtest` that fits in `shares`, unlike one with taproot. */
export const addressC = "bcrt1qqurswpc8qurswpc8qurswpc8qurswpc8dxm0gk"

/** Writes shares to `public.shares`, as the collector does. */
export const archive = Effect.fnUntraced(function* (shares: ReadonlyArray<ShareFields>) {
  const rows = shares.map(({ address = addressA, at, difficulty = 1000, reached = 2000, worker = "rig" }) => ({
    at: start + at,
    user: address,
    worker: worker === "default" ? address : `${address}.${worker}`,
    difficulty,
    reached
  }))
  yield* (yield* SqlClient.SqlClient)`
    INSERT INTO public.shares (time, btc_address, worker_name, difficulty, share_diff)
    SELECT to_timestamp(at / 1e6), "user", worker, difficulty, reached
    FROM json_to_recordset(${JSON.stringify(rows)}::json) AS r (
      at double precision, "user" text, worker text, difficulty double precision, reached double precision
    )`
})
