import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import { reads } from "../Reads.ts"
import { entriesOf } from "./LiveEntry.ts"
import type { LiveEntry } from "./LiveEntry.ts"

/** Maximum number of rows per read. Each row has the events of one commit. */
const rowsPerRead = 100

/** A read of the outbox. */
export interface OutboxRead {
  /** Number of the newest event. */
  readonly last: number
  /** Events after the requested number, oldest first. Their numbers are consecutive unless rows were removed. */
  readonly entries: ReadonlyArray<LiveEntry>
  /** Whether more events may follow. */
  readonly hasMore: boolean
}

const Row = Schema.Struct({
  outbox: Schema.Int,
  first: Schema.NullOr(Schema.Int),
  at: Schema.NullOr(Schema.Finite),
  events: Schema.NullOr(Schema.fromJsonString(Schema.Array(Schema.Unknown)))
})
const decodeRows = Schema.decodeUnknownEffect(Schema.NonEmptyArray(Row))
const decodeStart = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ after: Schema.Int })]))

const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { short } = yield* reads

  const after = Effect.fn("Outbox.after")(function* (n: number) {
    const [first, ...others] = yield* short(sql`
      SELECT s.outbox::float8 AS outbox, o.first::float8 AS first, o.events,
        (extract(epoch FROM o.at) * 1000)::float8 AS at
      FROM tbg_api.mining_state s LEFT JOIN LATERAL (
        SELECT * FROM tbg_api.mining_outbox x WHERE x.last > ${n}::bigint ORDER BY x.last LIMIT ${rowsPerRead}
      ) o ON true
      ORDER BY o.last`).pipe(Effect.flatMap((rows) => Effect.orDie(decodeRows(rows))))
    const rows = [first, ...others]
    const entries = rows.flatMap(({ at, events, first }) =>
      first === null || at === null ? [] : entriesOf(first, at, events ?? [])
    )
    const read: OutboxRead = { last: first.outbox, entries, hasMore: rows.length === rowsPerRead }
    return read
  })

  const startOf = Effect.fn("Outbox.startOf")(function* (maxBytes: number) {
    const [{ after }] = yield* short(sql`
      SELECT coalesce(
        (SELECT min(r.first) - 1 FROM (
          SELECT o.first, sum(octet_length(o.events)) OVER (ORDER BY o.last DESC) AS bytes FROM tbg_api.mining_outbox o
        ) r WHERE r.bytes <= ${maxBytes}::bigint),
        (SELECT s.outbox FROM tbg_api.mining_state s)
      )::float8 AS after`).pipe(Effect.flatMap((rows) => Effect.orDie(decodeStart(rows))))
    return after
  })

  return { after, startOf }
})

/** Changes of the last 10 minutes, as the projection committed them (docs/mining-tables.md). */
export class Outbox extends Context.Service<
  Outbox,
  {
    /** Reads the events after a number. */
    readonly after: (n: number) => Effect.Effect<OutboxRead, SqlError>
    /** Returns the lowest number after which at most `maxBytes` of events follow. */
    readonly startOf: (maxBytes: number) => Effect.Effect<number, SqlError>
  }
>()("tbg-api/services/live/Outbox") {
  static readonly layer = Layer.effect(Outbox, make)
}
