import { assert } from "@effect/vitest"
import { Clock, DateTime, Effect, Layer, MutableRef } from "effect"
import { SqlClient } from "effect/sql"
import { Leadership } from "../../../src/services/mining/Leadership.ts"
import type { Lease } from "../../../src/services/mining/Leadership.ts"
import { Projection } from "../../../src/services/mining/Projection.ts"
import { WeekChanges } from "../../../src/services/weeks/WeekChanges.ts"
import { WeekFold } from "../../../src/services/weeks/WeekFold.ts"
import { shareEntry, start } from "../mining/Entries.ts"
import { miningDatabase } from "../mining/MiningDatabase.ts"
import { countedShares, rounded } from "../mining/Reference.ts"
import type { ReferenceShare } from "../mining/Reference.ts"
import { testClient } from "../TestDatabase.ts"
import { day, naiveEntries, naiveSuspects } from "./NaiveBoards.ts"
import { storedEntries } from "./StoredBoards.ts"

/** The fold over a database of this layer's own. */
export const weekServices = Layer.mergeAll(WeekFold.layer, Projection.layer({ network: "regtest" })).pipe(
  Layer.provideMerge(Layer.merge(Leadership.layer, WeekChanges.layer)),
  Layer.provideMerge(Layer.unwrap(Effect.map(miningDatabase, ({ url }) => testClient(url))))
)

export const dateOf = (micros: number): string => DateTime.formatIsoDateUtc(DateTime.makeUnsafe(micros / 1000))
export const accountId = (index: number): string => `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`

type Fields = Readonly<Record<string, number | string | null>>

/** The product and the logarithms of luck differ in the last digits. */
export const comparable = (entries: ReadonlyArray<Fields>): ReadonlyArray<string> =>
  entries
    .map((entry) =>
      JSON.stringify(
        Object.entries(entry)
          .map(([name, value]) => [name, typeof value === "number" && name !== "at" ? rounded(value) : value] as const)
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
      )
    )
    .toSorted()

/** Time of the clock in milliseconds; a test clock would run the timers of the connection pool for each step. */
const time = MutableRef.make(0)
export const setTime = (micros: number) => Effect.sync(() => MutableRef.set(time, micros / 1000))
/** Runs a test with this clock. */
export const withOwnClock = Effect.updateService(Clock.Clock, (clock): Clock.Clock => ({
  currentTimeMillisUnsafe: () => MutableRef.get(time),
  currentTimeMillis: Effect.sync(() => MutableRef.get(time)),
  currentTimeNanosUnsafe: () => clock.currentTimeNanosUnsafe(),
  currentTimeNanos: clock.currentTimeNanos,
  monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
  monotonicTimeNanos: clock.monotonicTimeNanos,
  sleep: (duration) => clock.sleep(duration)
}))

/** Folds until nothing waits. */
export const settle = Effect.fnUntraced(function* (lease: Lease) {
  const { next } = yield* WeekFold
  yield* Effect.repeat(next(lease), { while: (hasMore) => hasMore })
  MutableRef.update(time, (now) => now + 10_000)
  yield* Effect.repeat(next(lease), { while: (hasMore) => hasMore })
})

/** Makes an address belong to an account. */
export const link = Effect.fnUntraced(function* (address: string, account: string, isPublic = true) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`
    INSERT INTO tbg_api.accounts (id, is_public, created_at, updated_at)
    VALUES (${account}::uuid, ${isPublic}, now(), now()) ON CONFLICT DO NOTHING`
  yield* sql`
    INSERT INTO tbg_api.account_addresses (address, account_id, created_at)
    VALUES (${address}, ${account}::uuid, clock_timestamp())`
})

/** Plays weeks and keeps what the naive boards need. */
export const makePlay = Effect.fnUntraced(function* (lease: Lease) {
  const { apply } = yield* Projection
  const accounts = new Map<string, string>()
  let arrived: ReadonlyArray<ReferenceShare> = []

  const addAccount = Effect.fnUntraced(function* (address: string, account: string, isPublic = true) {
    yield* link(address, account, isPublic)
    accounts.set(address, account)
  })

  const arrive = Effect.fnUntraced(function* (shares: ReadonlyArray<ReferenceShare>) {
    arrived = [...arrived, ...shares]
    const entries = shares
      .toSorted((a, b) => (a.arrival ?? 0) - (b.arrival ?? 0))
      .map(({ arrival = 0, at, ...share }, sequence) =>
        shareEntry({ ...share, at: at - start, arrived: Math.ceil((arrival - start) / 1000), sequence })
      )
    yield* apply(lease, entries, true)
  })

  /** Counted shares since the week before. */
  const counted = (monday: number) => countedShares(arrived.filter(({ at }) => at >= monday - 8 * day))

  const playersAt = (monday: number, today: number) => {
    const lastDay = Math.min(today, monday + 6 * day)
    return { accounts: new Map(accounts), suspects: naiveSuspects(counted(monday), lastDay, accounts) }
  }

  /** Compares the open board of a week with the naive one, on the day that begins at `today`. */
  const checkOpen = Effect.fnUntraced(function* (monday: number, today: number) {
    const naive = naiveEntries(counted(monday), monday, today, playersAt(monday, today))
    assert.deepStrictEqual(
      comparable(yield* storedEntries(dateOf(monday), dateOf(today))),
      comparable(naive),
      dateOf(today)
    )
  })

  return { arrive, addAccount, counted, playersAt, checkOpen }
})
