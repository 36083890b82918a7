import { Array, Clock, Context, DateTime, Effect, Layer, Ref, Schedule, Semaphore } from "effect"
import type { Duration, Schema } from "effect"
import { isSqlError } from "effect/sql/SqlError"
import type { SqlError } from "effect/sql/SqlError"
import { isMissingTable, isOutage } from "../../domain/SqlState.ts"
import type { Board } from "../../domain/weeks/Board.ts"
import { Standings } from "../../domain/weeks/Standings.ts"
import { weekOf, weeksAfter } from "../../domain/weeks/Week.ts"
import type { Monday } from "../../domain/weeks/Week.ts"
import { inBackground } from "../Background.ts"
import { makeOpenRows } from "./OpenRows.ts"
import type { AccountScores, MinerScores, RowSelection } from "./OpenRows.ts"

export type WeekBoards = { readonly [board in Board]: Standings }

interface Loaded {
  /** UTC date. `rank_change` compares with the ranks at its start. */
  readonly day: string
  /** The current week and the one before, which stays open for 10 minutes. */
  readonly weeks: ReadonlyMap<Monday, WeekBoards>
  /** Version of the fold up to which all changes are included. */
  readonly version: number
}

/** Rows of a statement when all boards are read, few enough that parsing the response does not block for long. */
const pageSize = 400
/** Changes that are applied one by one. If there are more, all boards are read again. */
const maxChanges = 10_000
/** Rows decoded and applied without yielding to other fibers, in less than a millisecond. */
const chunkSize = 50

const put = (
  standings: Standings,
  { address, at, key, shares }: MinerScores | AccountScores,
  value: number | null,
  before: number | null
) => {
  if (value === null || address === null || at === null) standings.remove(key)
  else standings.put({ key, address, value, at, shares, before })
}

const putMiner = ({ difficulty, work }: WeekBoards, row: MinerScores) => {
  put(difficulty, row, row.difficulty, row.difficulty_before)
  put(work, row, row.work, row.work_before)
}

const putAccount = ({ luck }: WeekBoards, row: AccountScores) => put(luck, row, row.luck, row.luck_before)

const emptyBoards = (): WeekBoards => ({
  difficulty: new Standings(),
  work: new Standings(),
  luck: new Standings()
})

/** A table of the fold, and how its rows change the boards of their week. */
interface Source<Row> {
  readonly read: (
    selection: RowSelection,
    day: string,
    limit: number
  ) => Effect.Effect<ReadonlyArray<unknown>, SqlError>
  readonly decode: (rows: ReadonlyArray<unknown>) => Effect.Effect<ReadonlyArray<Row>, Schema.SchemaError>
  readonly apply: (boards: WeekBoards, row: Row) => void
}

const applyRows = Effect.fnUntraced(function* <Row extends MinerScores | AccountScores>(
  { apply, decode }: Source<Row>,
  weeks: Loaded["weeks"],
  rows: ReadonlyArray<unknown>
) {
  let last: Row | undefined
  for (const chunk of Array.chunksOf(rows, chunkSize)) {
    const decoded = yield* Effect.orDie(decode(chunk))
    for (const row of decoded) {
      const boards = weeks.get(row.week)
      if (boards !== undefined) apply(boards, row)
    }
    last = decoded.at(-1)
    yield* Effect.yieldNow
  }
  return last?.id
})

const readWeek = Effect.fnUntraced(function* <Row extends MinerScores | AccountScores>(
  source: Source<Row>,
  weeks: Loaded["weeks"],
  week: Monday,
  day: string
) {
  let after: string | undefined
  while (true) {
    const rows = yield* source.read({ week, after }, day, pageSize)
    after = yield* applyRows(source, weeks, rows)
    if (rows.length < pageSize) return
  }
})

export interface OpenBoardsOptions {
  /** Pause between two reads of changes. */
  readonly every: Duration.Input
}

const make = Effect.fnUntraced(function* ({ every }: OpenBoardsOptions) {
  const rows = yield* makeOpenRows
  const miners: Source<MinerScores> = { ...rows.miners, apply: putMiner }
  const accounts: Source<AccountScores> = { ...rows.accounts, apply: putAccount }
  const state = yield* Ref.make<Loaded | undefined>(undefined)
  const lock = yield* Semaphore.make(1)
  const isFailing = yield* Ref.make(false)

  const readAll = Effect.fnUntraced(function* (now: number) {
    const day = DateTime.formatIsoDateUtc(DateTime.makeUnsafe(now))
    const current = weekOf(now)
    const weeks = new Map([weeksAfter(current, -1), current].map((week) => [week, emptyBoards()]))
    const version = yield* rows.version
    for (const week of weeks.keys()) {
      yield* readWeek(miners, weeks, week, day)
      yield* readWeek(accounts, weeks, week, day)
    }
    return { day, weeks, version }
  })

  /** Returns the boards with all changes; `undefined` if they must be read again. */
  const readChanges = Effect.fnUntraced(function* (loaded: Loaded, now: number) {
    const { day, weeks } = loaded
    const version = yield* rows.version
    if (version < loaded.version || day !== DateTime.formatIsoDateUtc(DateTime.makeUnsafe(now))) return undefined
    if (version === loaded.version) return loaded
    const selection = { weeks: [...weeks.keys()], since: loaded.version }
    const changedMiners = yield* miners.read(selection, day, maxChanges)
    const changedAccounts = yield* accounts.read(selection, day, maxChanges)
    if (changedMiners.length === maxChanges || changedAccounts.length === maxChanges) return undefined
    yield* applyRows(miners, weeks, changedMiners)
    yield* applyRows(accounts, weeks, changedAccounts)
    return { day, weeks, version }
  })

  const update = Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    const loaded = yield* Ref.get(state)
    const next = (loaded && (yield* readChanges(loaded, now))) ?? (yield* readAll(now))
    yield* Ref.set(state, next)
    return next
  }).pipe(Semaphore.withPermit(lock))

  /** Logs the first of successive failures. Outages and missing migrations are reported elsewhere. */
  const logFailure = Effect.fnUntraced(function* (failure: unknown) {
    if (yield* Ref.getAndSet(isFailing, true)) return
    if (isSqlError(failure) && (isOutage(failure.reason) || isMissingTable(failure.reason))) return
    yield* Effect.logWarning("weekly boards unreadable; serving their last state", failure)
  })
  yield* update.pipe(
    Effect.andThen(Ref.set(isFailing, false)),
    Effect.catch(logFailure),
    Effect.catchDefect(logFailure),
    Effect.withTracerEnabled(false),
    Effect.repeat(Schedule.spaced(every)),
    inBackground
  )

  /** Waits for the first read. */
  const current = Effect.flatMap(Ref.get(state), (loaded) =>
    loaded === undefined ? Effect.orDie(update) : Effect.succeed(loaded)
  )
  const boardsOf = Effect.fnUntraced(function* (week: Monday) {
    const boards = (yield* current).weeks.get(week)
    if (boards !== undefined || week !== weekOf(yield* Clock.currentTimeMillis)) return boards
    // The week began after the last read.
    return (yield* Effect.orDie(update)).weeks.get(week)
  })

  return {
    boardsOf,
    version: Effect.map(current, ({ day, version }) => `${day} ${version}`),
    refresh: Effect.orDie(Effect.asVoid(update))
  }
})

/** Boards of open weeks in memory, kept current with the tables of the fold. */
export class OpenBoards extends Context.Service<
  OpenBoards,
  {
    /** Boards of the current week, or of the week before until it is closed; `undefined` for other weeks. */
    readonly boardsOf: (week: Monday) => Effect.Effect<WeekBoards | undefined>
    /** Changes with any change of a board. */
    readonly version: Effect.Effect<string>
    /** Applies all changes now, without waiting for the next regular read. */
    readonly refresh: Effect.Effect<void>
  }
>()("tbg-api/services/weeks/OpenBoards") {
  static readonly layer = (options: OpenBoardsOptions) => Layer.effect(OpenBoards, make(options))
}
