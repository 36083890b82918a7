import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { BitcoinNetwork } from "../../../domain/Bitcoin.ts"
import { readArchived } from "../../../domain/mining/ReadEvent.ts"
import { makeReadAddress } from "../projection/Addresses.ts"
import { keyOf, makeMiners } from "../projection/Miners.ts"
import { rowsOf } from "../projection/Rows.ts"

/** Span of time to rebuild: a day in UTC, or the current day and all later times. */
export interface Span {
  /** ISO date. */
  readonly day: string
  /** Bounds in SQL's text form; `until` is exclusive, and may be `infinity`. */
  readonly from: string
  readonly until: string
  /** Time in microseconds. */
  readonly now: number
}

/** How far a share may be dated ahead, in microseconds. */
const maxAhead = 300_000_000

const decodeNames = Schema.decodeUnknownEffect(
  Schema.Array(Schema.Struct({ user: Schema.String, worker: Schema.String, shares: Schema.Number }))
)

/** Reads the table `shares`, in the transaction in progress. It is found by the search path. */
export const makeArchive = Effect.fnUntraced(function* (network: BitcoinNetwork) {
  const sql = yield* SqlClient.SqlClient
  const findMiners = yield* makeMiners
  const readAddress = makeReadAddress(network)

  const accepted = ({ from, now, until }: Span) => sql`
    s.is_valid AND s.time >= ${from}::timestamptz AND s.time < ${until}::timestamptz
    AND s.time <= to_timestamp(${now + maxAhead}::double precision / 1e6)`

  /** Returns names in order of their first share, because the first 1,000 workers of an address keep their names. */
  const namesIn = (span: Span) =>
    Effect.flatMap(
      sql`
        SELECT s.btc_address AS "user", s.worker_name AS worker, count(*)::double precision AS shares
        FROM shares s WHERE ${accepted(span)} GROUP BY 1, 2 ORDER BY min(s.time), 1, 2`,
      (rows) => Effect.orDie(decodeNames(rows))
    )

  /** Finds or creates the miners of a span; returns their names in `shares` with their ids, and the number of rows. */
  const minersIn = Effect.fnUntraced(function* (span: Span) {
    const names = yield* namesIn(span)
    const read = names.flatMap(({ user, worker }) => {
      const share = readArchived({ at: 0, user, worker, difficulty: 1, reached: 1 }, readAddress)
      return share._tag === "Share" ? [{ user, full: worker, address: share.address, worker: share.worker }] : []
    })
    const miners = yield* findMiners(read)
    const known = read.flatMap((name) => {
      const miner = miners.get(keyOf(name))
      if (miner === undefined) return []
      return [{ user: name.user, worker: name.full, address_id: miner.addressId, worker_id: miner.workerId }]
    })
    return { known: rowsOf(known), rows: names.reduce((sum, { shares }) => sum + shares, 0) }
  })

  /** Query of the shares of a span that count. `known` is from `minersIn`. */
  const sharesIn = (span: Span, known: string) => sql`
    SELECT m.worker_id, m.address_id, s.time AS at, s.difficulty, s.share_diff AS reached
    FROM shares s
    JOIN json_to_recordset(${known}::json) AS m ("user" text, worker text, address_id int, worker_id int)
      ON m."user" = s.btc_address AND m.worker = s.worker_name
    WHERE ${accepted(span)} AND s.difficulty > 0 AND s.difficulty <= 1e18 AND s.share_diff > 0 AND s.share_diff <= 1e18`

  return { minersIn, sharesIn }
})

export type Archive = Effect.Success<ReturnType<typeof makeArchive>>
