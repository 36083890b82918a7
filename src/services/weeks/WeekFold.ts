import { Clock, Context, DateTime, Effect, Layer, Ref } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import { makePending } from "../../domain/weeks/Pending.ts"
import type { Chunk, Pending } from "../../domain/weeks/Pending.ts"
import { isDue, weekOf, weeksAfter } from "../../domain/weeks/Week.ts"
import type { Monday } from "../../domain/weeks/Week.ts"
import type { LeadershipLost, Lease } from "../mining/Leadership.ts"
import { registerFoldMetrics, reportWaiting } from "./FoldMetrics.ts"
import { makeSources } from "./fold/Sources.ts"
import type { RebuiltDay } from "./fold/Sources.ts"
import { makeTransactions } from "./fold/Transactions.ts"
import { WeekChanges } from "./WeekChanges.ts"

/** Maximum number of addresses in a transaction, few enough to be done in a fraction of a second. */
export const addressesPerChunk = 2000
/** The same for accounts, each of which may have several addresses. */
const accountsPerChunk = 500

/** Milliseconds between two runs of upkeep: closing, rebuilt days, new addresses of accounts and integrity. */
const upkeepInterval = 10_000

/** Weeks around the current one that a former leader may not have folded completely. Shares may be 8 days old. */
const recentWeeks = [0, 1, -1, -2]

const dayOf = (millis: number): number => Math.floor(millis / 86_400_000)

/** Weeks of a rebuilt day. The last day of a rebuild includes shares that are dated a few minutes ahead. */
const weeksOf = (day: string): ReadonlyArray<Monday> => {
  const start = DateTime.makeUnsafe(day).epochMilliseconds
  return [weekOf(start), weekOf(start + 86_400_000)]
}

/** Folds the daily rows of the projection into the results of their weeks. Only the leader runs it. */
export class WeekFold extends Context.Service<
  WeekFold,
  {
    /** Starts a term: everything that may not be folded will be in the backlog. */
    readonly begin: Effect.Effect<void, SqlError>
    /** Folds all fresh changes and a chunk of the backlog. Returns whether more may be waiting. */
    readonly next: (lease: Lease) => Effect.Effect<boolean, SqlError | LeadershipLost>
  }
>()("tbg-api/services/weeks/WeekFold") {
  static readonly layer = Layer.effect(
    WeekFold,
    Effect.gen(function* () {
      const changes = yield* WeekChanges
      const sources = yield* makeSources
      const { closeWeek, finishRebuilt, foldAddresses, testAccounts } = yield* makeTransactions
      yield* registerFoldMetrics

      /** Addresses whose shares have just changed. */
      const fresh = makePending<number>()
      /** Addresses of whole weeks. */
      const backlog = makePending<number>()
      /** Weeks whose addresses are not in the backlog yet. */
      const unread = new Set<Monday>()
      /** Changed addresses of final weeks, which are collected so that each gives few amendments. */
      const late = makePending<number>()
      /** Accounts of open weeks that changed since their integrity was tested. */
      const untested = makePending<string>()
      const finals = new Set<Monday>()
      /** Last rebuilt day whose weeks are in the backlog or unread. */
      const rebuilt = yield* Ref.make<RebuiltDay | undefined>(undefined)
      const keptAt = yield* Ref.make(0)

      /** Adds a week to the empty backlog, one at a time so that fresh changes are not delayed. */
      const readWeek = Effect.gen(function* () {
        const [week] = unread
        if (week === undefined) return false
        backlog.add(week, yield* sources.addressesOf(week))
        unread.delete(week)
        return true
      })

      const begin = Effect.gen(function* () {
        for (const pending of [fresh, backlog, late, untested]) pending.clear()
        finals.clear()
        unread.clear()
        const now = yield* Clock.currentTimeMillis
        const weeks = yield* sources.weeks
        for (const { isFinal, week } of weeks) if (isFinal) finals.add(week)
        const open = weeks.flatMap(({ isFinal, week }) => (isFinal ? [] : [week]))
        const recent = recentWeeks.map((count) => weeksAfter(weekOf(now), count))
        for (const week of [...recent, ...open]) unread.add(week)
        yield* Ref.set(keptAt, 0)
      }).pipe(Effect.withSpan("WeekFold.begin"))

      const fold = Effect.fnUntraced(function* (lease: Lease, { ids, week }: Chunk<number>) {
        const isFinal = finals.has(week)
        const accounts = yield* foldAddresses({ lease, week, ids, isFinal })
        if (!isFinal) untested.add(week, accounts)
      })

      /** Runs an effect for a chunk of pending ids, and puts them back if it fails. Returns whether there was a chunk. */
      const takeFrom = <Id, E>(
        pending: Pending<Id>,
        limit: number,
        run: (chunk: Chunk<Id>) => Effect.Effect<void, E>
      ) =>
        Effect.suspend(() => {
          const chunk = pending.take(limit)
          if (chunk === undefined) return Effect.succeed(false)
          return Effect.as(
            Effect.onError(run(chunk), () => Effect.sync(() => pending.add(chunk.week, chunk.ids))),
            true
          )
        })

      const foldFrom = (lease: Lease, pending: Pending<number>) =>
        takeFrom(pending, addressesPerChunk, (chunk) => fold(lease, chunk))

      const foldFresh = (lease: Lease) =>
        Effect.gen(function* () {
          yield* changes.take(fresh)
          for (const week of finals) fresh.move(week, late)
          yield* Effect.repeat(foldFrom(lease, fresh), { while: (hasMore) => hasMore })
        })

      /** Tests the integrity of all accounts of a week again, and folds changes that arrive meanwhile. */
      const testWeek = Effect.fnUntraced(function* (lease: Lease, week: Monday) {
        const accounts = makePending<string>()
        accounts.add(week, yield* sources.accountsOf(week))
        const testNext = takeFrom(accounts, accountsPerChunk, (chunk) => testAccounts(lease, chunk))
        yield* Effect.repeat(Effect.tap(testNext, foldFresh(lease)), { while: (hasMore) => hasMore })
      })

      const closeDue = Effect.fnUntraced(function* (lease: Lease, now: number) {
        for (const { isFinal, week } of yield* sources.weeks) {
          if (isFinal || !isDue(week, now)) continue
          yield* testWeek(lease, week)
          if (yield* closeWeek(lease, week)) finals.add(week)
          untested.remove(week)
        }
      })

      const addRebuilt = Effect.gen(function* () {
        const days = yield* sources.rebuilt
        const last = days.at(-1)
        if (last === undefined) return
        for (const { day } of days) for (const week of weeksOf(day)) unread.add(week)
        yield* Ref.set(rebuilt, last)
      })

      /** Does what is not urgent. The backlog is empty, and all weeks are read. */
      const keepUp = Effect.fnUntraced(function* (lease: Lease, last: number, now: number) {
        const done = yield* Ref.get(rebuilt)
        if (done !== undefined) yield* finishRebuilt(lease, done)
        yield* Ref.set(rebuilt, undefined)
        for (const { addressId, week } of yield* sources.linked) fresh.add(week, [addressId])
        for (const week of finals) late.move(week, backlog)
        yield* closeDue(lease, now)
        yield* addRebuilt
        // A new day changes the days over which integrity is tested.
        if (dayOf(now) > dayOf(last)) untested.add(weekOf(now), yield* sources.accountsOf(weekOf(now)))
        yield* takeFrom(untested, accountsPerChunk, (chunk) => testAccounts(lease, chunk))
      })

      const next = Effect.fn("WeekFold.next")(function* (lease: Lease) {
        yield* foldFresh(lease)
        yield* reportWaiting(backlog.size() + late.size())
        const hasRead = backlog.size() === 0 && (yield* readWeek)
        if ((yield* foldFrom(lease, backlog)) || hasRead) return true
        const now = yield* Clock.currentTimeMillis
        const last = yield* Ref.get(keptAt)
        if (now - last < upkeepInterval) return false
        yield* keepUp(lease, last, now)
        yield* Ref.set(keptAt, now)
        return true
      })

      return { begin, next }
    })
  )
}
