import { Clock, Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { Chunk } from "../../../domain/weeks/Pending.ts"
import type { Monday } from "../../../domain/weeks/Week.ts"
import type { Lease } from "../../mining/Leadership.ts"
import { measureFold } from "../FoldMetrics.ts"
import { makeFoldAccounts } from "./Accounts.ts"
import { makeClosing } from "./Closing.ts"
import { makeFoldLock } from "./Lock.ts"
import { makeFoldMiners } from "./Miners.ts"
import { makeSources } from "./Sources.ts"
import type { RebuiltDay } from "./Sources.ts"
import { makeFindSuspects } from "./Suspects.ts"

const decodeAccounts = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ accountId: Schema.String })))

/** Transactions of the fold. */
export const makeTransactions = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const withLock = yield* makeFoldLock
  const foldMiners = yield* makeFoldMiners
  const foldAccounts = yield* makeFoldAccounts
  const findSuspects = yield* makeFindSuspects
  const closing = yield* makeClosing
  const { recordRebuilt } = yield* makeSources

  /** Folds addresses of a week and their accounts; returns the accounts. */
  const foldAddresses = ({
    lease,
    ids,
    isFinal,
    week
  }: Chunk<number> & { readonly lease: Lease; readonly isFinal: boolean }) =>
    measureFold(
      withLock(lease, (turn) =>
        Effect.gen(function* () {
          yield* sql`INSERT INTO tbg_api.mining_weeks (week) VALUES (${week}::date) ON CONFLICT DO NOTHING`
          const accountIds = yield* foldMiners({ week, ids }, turn, isFinal)
          yield* foldAccounts({ week, accountIds, isFinal }, turn)
          return accountIds
        })
      )
    )

  /** Accounts of an open week whose integrity changed since it was last tested. */
  const changedOf = (week: Monday, accountIds: ReadonlyArray<string>, suspects: ReadonlySet<string>) =>
    Effect.flatMap(
      sql`
        SELECT account_id::text AS "accountId" FROM tbg_api.mining_week_accounts
        WHERE week = ${week}::date AND account_id = ANY (${accountIds}::uuid[])
          AND is_suspect <> (account_id = ANY (${[...suspects]}::uuid[]))`,
      (rows) => Effect.orDie(decodeAccounts(rows))
    ).pipe(Effect.map((rows) => rows.map(({ accountId }) => accountId)))

  /** Tests the integrity of accounts of an open week, and folds those whose integrity changed. */
  const testAccounts = Effect.fnUntraced(function* (lease: Lease, { ids, week }: Chunk<string>) {
    const now = yield* Clock.currentTimeMillis
    const { changed, suspects } = yield* Effect.gen(function* () {
      const suspects = yield* findSuspects(week, ids, now)
      return { suspects, changed: yield* changedOf(week, ids, suspects) }
    }).pipe(sql.withTransaction)
    if (changed.length === 0) return
    yield* withLock(lease, (turn) => foldAccounts({ week, accountIds: changed, isFinal: false }, turn, suspects))
  })

  /** Closes a week unless some of its events are unprocessed. Returns whether it is closed. */
  const closeWeek = (lease: Lease, week: Monday) =>
    withLock(lease, (turn) =>
      Effect.tap(closing.isComplete(week), (isComplete) => (isComplete ? closing.close(week, turn) : Effect.void))
    )

  const finishRebuilt = (lease: Lease, day: RebuiltDay) => withLock(lease, () => recordRebuilt(day))

  return { foldAddresses, testAccounts, closeWeek, finishRebuilt }
})
