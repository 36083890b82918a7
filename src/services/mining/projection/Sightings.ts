import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { copySpan, isCountedIn, recount } from "../../../domain/mining/Copies.ts"
import type { StoredSighting, Sighting } from "../../../domain/mining/Copies.ts"
import type { Change } from "../../../domain/mining/Fold.ts"
import { microsOf, rowsOf, timeOf } from "./Rows.ts"

/** Sighting of a share, with the ids of its worker. */
export interface ShareSighting extends Change, Sighting {}

/** Copies in a row are found again up to this long after the first, in microseconds. */
const chainSpan = 120_000_000

const hour = 3_600_000_000
/** Number of partitions of `mining_shares`, each for the arrivals of one hour. */
const slots = 4

/** Partition for a share that arrived at a time; late and refilled ones go to the newest. */
const slotOf = (arrivedAt: number, slotHour: number): number => {
  const arrivalHour = Math.floor(arrivedAt / hour)
  return (arrivalHour > slotHour - slots && arrivalHour <= slotHour ? arrivalHour : slotHour) % slots
}

const decodeKept = Schema.decodeUnknownEffect(
  Schema.Array(
    Schema.Struct({
      key: Schema.Int,
      at: Schema.Number,
      arrivedAt: Schema.Number,
      isRefilled: Schema.Boolean,
      isCounted: Schema.Boolean
    })
  )
)

/** Shares with the same key may be copies. */
export const keyOf = ({ difficulty, reached, workerId }: Change): string => `${workerId} ${difficulty} ${reached}`

interface Group {
  readonly first: ShareSighting
  readonly arrived: ReadonlyArray<ShareSighting>
}

const groupsOf = (shares: ReadonlyArray<ShareSighting>): ReadonlyArray<Group> =>
  [...Map.groupBy(shares, keyOf).values()].flatMap((arrived) => {
    const [first] = arrived
    return first === undefined ? [] : [{ first, arrived }]
  })

export interface Counted {
  /** Shares that count now, and those of them that do not replace another. */
  readonly added: ReadonlyArray<ShareSighting>
  readonly fresh: ReadonlyArray<ShareSighting>
  /** Shares that no longer count. */
  readonly removed: ReadonlyArray<Change>
  /** Change of the number of copies. */
  readonly copies: number
}

/** Stores shares in `mining_shares` and decides which count, in the transaction in progress. */
export const makeSightings = Effect.map(SqlClient.SqlClient, (sql) => {
  const findKept = Effect.fnUntraced(function* (groups: ReadonlyArray<Group>) {
    const ranges = groups.map(({ arrived, first }, key) => {
      const times = arrived.map(({ at }) => at)
      return {
        key,
        worker: first.workerId,
        difficulty: first.difficulty,
        reached: first.reached,
        since: Math.min(...times) - copySpan,
        until: Math.max(...times) + chainSpan
      }
    })
    // `OFFSET 0` makes the planner look each range up in the index.
    const rows = yield* sql`
      SELECT r.key, ${microsOf(sql, "s.at")} AS at, ${microsOf(sql, "s.arrived_at")} AS "arrivedAt",
        s.is_refilled AS "isRefilled", s.is_counted AS "isCounted"
      FROM json_to_recordset(${rowsOf(ranges)}::json) AS r (
        key int, worker int, difficulty double precision, reached double precision,
        since double precision, until double precision
      ) CROSS JOIN LATERAL (
        SELECT * FROM tbg_api.mining_shares s
        WHERE s.worker_id = r.worker AND s.at > ${timeOf(sql, "r.since")} AND s.at < ${timeOf(sql, "r.until")}
        OFFSET 0
      ) s
      WHERE s.difficulty = r.difficulty AND s.reached = r.reached`
    return Map.groupBy(yield* Effect.orDie(decodeKept(rows)), ({ key }) => key)
  })

  const insert = (rows: ReadonlyArray<object>) => sql`
    INSERT INTO tbg_api.mining_shares (
      worker_id, slot, is_counted, is_refilled, at, arrived_at, difficulty, reached
    )
    SELECT worker, slot, counted, refilled, ${timeOf(sql, "at")}, ${timeOf(sql, "arrived")}, difficulty, reached
    FROM json_to_recordset(${rowsOf(rows)}::json) AS r (
      worker int, slot smallint, counted boolean, refilled boolean, at double precision, arrived double precision,
      difficulty double precision, reached double precision
    )`

  const update = (rows: ReadonlyArray<object>) => sql`
    UPDATE tbg_api.mining_shares s SET is_counted = r."isCounted"
    FROM json_to_recordset(${rowsOf(rows)}::json) AS r (
      "workerId" int, "isCounted" boolean, "isRefilled" boolean, at double precision, "arrivedAt" double precision,
      difficulty double precision, reached double precision
    )
    WHERE s.worker_id = r."workerId" AND s.at = ${timeOf(sql, "r.at")} AND s.arrived_at = ${timeOf(sql, '"arrivedAt"')}
      AND s.difficulty = r.difficulty AND s.reached = r.reached AND s.is_refilled = r."isRefilled"`

  /** `keepSince` is the earliest time of shares to store; earlier ones are counted only. */
  return Effect.fnUntraced(function* (
    shares: ReadonlyArray<ShareSighting>,
    slotHour: number,
    keepSince = Number.NEGATIVE_INFINITY
  ): Effect.fn.Return<Counted, Effect.Error<ReturnType<typeof insert>>> {
    if (shares.length === 0) return { added: [], fresh: [], removed: [], copies: 0 }
    const groups = groupsOf(shares)
    const kept = yield* findKept(groups)
    const outcomes = groups.map(({ arrived, first }, key) => {
      const rows: ReadonlyArray<StoredSighting> = kept.get(key) ?? []
      const arrivals = arrived.filter((share) => !share.isRefilled || !isCountedIn(rows, share))
      const { added, changed, repeated } = recount(rows, arrivals)
      const { addressId, difficulty, reached, workerId } = first
      return { added, changed: changed.map((row) => ({ ...row, addressId, difficulty, reached, workerId })), repeated }
    })
    const added = outcomes.flatMap((outcome) => outcome.added)
    const changed = outcomes.flatMap((outcome) => outcome.changed)
    const stored = added.filter(({ sighting }) => sighting.at >= keepSince)
    yield* insert(
      stored.map(({ isCounted, sighting }) => ({
        worker: sighting.workerId,
        slot: slotOf(sighting.isRefilled ? 0 : sighting.arrivedAt, slotHour),
        counted: isCounted,
        refilled: sighting.isRefilled,
        at: sighting.at,
        arrived: sighting.arrivedAt,
        difficulty: sighting.difficulty,
        reached: sighting.reached
      }))
    )
    if (changed.length > 0) yield* update(changed)
    const nowCounted = changed.filter(({ isCounted }) => isCounted)
    const counted = added.flatMap(({ isCounted, sighting }) => (isCounted ? [sighting] : []))
    const removed = changed.filter(({ isCounted }) => !isCounted)
    const replaced = new Set(removed.map(keyOf))
    const repeated = outcomes.reduce((sum, outcome) => sum + outcome.repeated, 0)
    return {
      added: [...counted, ...nowCounted],
      fresh: counted.filter((share) => !replaced.has(keyOf(share))),
      removed,
      copies: added.length - counted.length + repeated + removed.length - nowCounted.length
    }
  })
})
