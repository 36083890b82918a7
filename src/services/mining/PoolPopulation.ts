import { Clock, Effect, Ref, Schema, Semaphore } from "effect"
import { SqlClient } from "effect/sql"
import { reads } from "../Reads.ts"
import { isOnline } from "./Online.ts"
import { blocksFound } from "./PoolBlocks.ts"
import { rowsOf } from "./Rows.ts"
import { timeOf } from "./Spans.ts"

export const Population = Schema.Struct({
  active: Schema.BigInt,
  miners: Schema.BigInt,
  online: Schema.BigInt,
  workers: Schema.BigInt,
  blocks: Schema.BigInt,
  /** Largest difficulty that is assigned to a worker that is online, or else to any. */
  assigned: Schema.NullOr(Schema.Finite)
})

export type Population = typeof Population.Type

interface Counted {
  readonly counts: Population
  /** Milliseconds since 1970. */
  readonly at: number
  /** Age in milliseconds at which a request starts a refresh. At twice this age, it also waits for the result. */
  readonly refreshAfter: number
}

/** Milliseconds between counts: at least a second, and long enough that counting takes a twentieth of the time. */
const pauseAfter = (tookMs: number): number => Math.min(Math.max(1000, 20 * tookMs), 10_000)

/**
 * Counts of all miners, workers and blocks. Counting reads whole tables, so each process does it at most once a second,
 * and requests in between get the previous counts. Not for use within a transaction: the count may outlive it.
 */
export const makePopulation = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { long } = yield* reads
  const scope = yield* Effect.scope
  const rows = rowsOf(Population)
  const last = yield* Ref.make<Counted | undefined>(undefined)
  const lock = yield* Semaphore.make(1)

  const count = Effect.fnUntraced(function* (now: number) {
    const [counts] = yield* rows(
      long(sql`
        SELECT m.*, w.*, ${blocksFound(sql)} AS blocks FROM (
          SELECT count(*) FILTER (WHERE last_share_at > ${timeOf(now)}::timestamptz - interval '24 hours') AS active,
            count(*) FILTER (WHERE shares > 0) AS miners
          FROM tbg_api.mining_addresses
        ) m, (
          SELECT count(*) FILTER (WHERE online) AS online, count(*) AS workers,
            coalesce(max(difficulty) FILTER (WHERE online), max(difficulty)) AS assigned
          FROM (SELECT w.difficulty, ${isOnline(sql, timeOf(now))} AS online FROM tbg_api.mining_workers w) x
        ) w`)
    )
    return counts ?? { active: 0n, miners: 0n, online: 0n, workers: 0n, blocks: 0n, assigned: null }
  })

  /** Waits for a refresh that is running rather than starting a second one. */
  const refresh = (now: number) =>
    Semaphore.withPermit(
      lock,
      Effect.gen(function* () {
        const known = yield* Ref.get(last)
        if (known !== undefined && now - known.at < known.refreshAfter) return known.counts
        const counts = yield* count(now)
        const tookMs = (yield* Clock.currentTimeMillis) - now
        yield* Ref.set(last, { at: now, counts, refreshAfter: pauseAfter(tookMs) })
        return counts
      })
    )

  return Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    const known = yield* Ref.get(last)
    if (known === undefined || now - known.at >= 2 * known.refreshAfter) return yield* refresh(now)
    if (now - known.at >= known.refreshAfter) yield* Effect.forkIn(Effect.ignoreCause(refresh(now)), scope)
    return known.counts
  })
})
