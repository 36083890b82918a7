import { Clock, Context, Effect, Layer, Predicate, Ref, Schedule } from "effect"
import type { Scope } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import { isOutage } from "../../domain/SqlState.ts"
import { streams } from "../../domain/mining/StreamEntry.ts"
import type { StreamState } from "../../domain/mining/StreamEntry.ts"
import { inBackground } from "../Background.ts"
import { Ids } from "../Ids.ts"
import { Gaps } from "./Gaps.ts"
import { Leadership } from "./Leadership.ts"
import type { LeadershipLost, Lease } from "./Leadership.ts"
import { MiningSource } from "./MiningSource.ts"
import type { Positions } from "./MiningSource.ts"
import { Projection } from "./Projection.ts"
import { makeFailureLog } from "./projection/FailureLog.ts"
import { makeRecords } from "./projection/Records.ts"
import { WeekFold } from "../weeks/WeekFold.ts"
import { repeatFold } from "../weeks/FoldLoop.ts"
import { removeExpired } from "./Retention.ts"

/** Maximum number of entries of a stream in a batch. */
const batchSize = 2000
/** Pause between two reads of streams that had nothing new. */
const idlePause = "50 millis"
/** Pause before a retry after a failure. */
const failurePause = "250 millis"
/** Pause after a defect, which does not end by itself, so its log lines should be far apart. */
const defectPause = "30 seconds"
/** Milliseconds between renewals of the lease, and between reports that no entry is waiting. */
const leaseIntervalMs = 1000
/** Pause between attempts to lead: a takeover takes less than 5 seconds, of which the lease lasts 4. */
const attemptPause = "500 millis"
/** Milliseconds between two chunks of a refill while events arrive. */
const refillIntervalMs = 250

const positionsAfter = (positions: Positions, states: ReadonlyArray<StreamState>): Positions => {
  const next = new Map(positions)
  for (const { entries, stream } of states) {
    const last = entries.at(-1)
    if (last !== undefined) next.set(stream, last.id)
  }
  return next
}

/** Runs the projection: takes the lead if no other process has it, and applies the entries that arrive. */
export class ProjectionLoop extends Context.Service<
  ProjectionLoop,
  {
    /** Whether this process leads. */
    readonly isLeader: Effect.Effect<boolean>
    /** Runs until the scope closes, and then releases the lease. */
    readonly start: Effect.Effect<void, never, Scope.Scope>
  }
>()("tbg-api/services/mining/ProjectionLoop") {
  /** `logsPostgres` is off if this process reports a lost Postgres elsewhere. */
  static readonly layer = ({ logsPostgres }: { readonly logsPostgres: boolean }) =>
    Layer.effect(
      ProjectionLoop,
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const { id: holder } = yield* (yield* Ids).next
        const leadership = yield* Leadership
        const source = yield* MiningSource
        const projection = yield* Projection
        const gaps = yield* Gaps
        const weeks = yield* WeekFold
        const { count } = yield* makeRecords
        const log = yield* makeFailureLog(logsPostgres)
        const held = yield* Ref.make<Lease | undefined>(undefined)
        const wrongTypes = yield* Ref.make<ReadonlySet<string>>(new Set())
        const isRedisLost = yield* Ref.make(false)
        const refilledAt = yield* Ref.make(0)
        const idleAt = yield* Ref.make(0)

        /** Runs an effect unless it ran less than `intervalMs` milliseconds ago. */
        const atMostEvery = <A, E, R>(last: Ref.Ref<number>, intervalMs: number, effect: Effect.Effect<A, E, R>) =>
          Effect.gen(function* () {
            const now = yield* Clock.currentTimeMillis
            if (now - (yield* Ref.get(last)) < intervalMs) return undefined
            yield* Ref.set(last, now)
            return yield* effect
          })

        /** Counts each key of another type once while this process runs. */
        const reportWrongTypes = Effect.fnUntraced(function* (lease: Lease, states: ReadonlyArray<StreamState>) {
          const known = yield* Ref.get(wrongTypes)
          const found = states.filter(({ isWrongType, stream }) => isWrongType && !known.has(stream))
          if (found.length === 0) return
          yield* Ref.set(wrongTypes, new Set([...known, ...found.map(({ stream }) => stream)]))
          const value = found.length
          yield* leadership.commit(lease, () => count([{ name: "skipped", label: "wrong_key_type", value }]))
          const keys = found.map(({ stream }) => stream).join(", ")
          yield* Effect.annotateLogs(Effect.logWarning("a Redis key is not a stream; its events are skipped"), { keys })
        })

        /** Reads, applies and refills once; returns the new positions. */
        const step = Effect.fnUntraced(function* (lease: Lease, positions: Positions) {
          const states = yield* source.read(streams, positions, batchSize)
          if (yield* Ref.get(isRedisLost)) {
            yield* gaps.recordOutage(lease, positions)
            yield* Ref.set(isRedisLost, false)
          }
          yield* reportWrongTypes(lease, states)
          const resumptions = yield* gaps.detect(lease, states, positions)
          if (resumptions.length > 0) {
            return new Map([...positions, ...resumptions.map(({ position, stream }) => [stream, position] as const)])
          }
          const entries = states.flatMap((state) => state.entries)
          const isIdle = entries.length === 0
          const isLast = states.every((state) => state.entries.length < batchSize)
          if (!isIdle) yield* projection.apply(lease, entries, isLast)
          else yield* atMostEvery(idleAt, leaseIntervalMs, leadership.renew(lease, true))
          const refilled = yield* atMostEvery(refilledAt, isIdle ? 0 : refillIntervalMs, gaps.refillNext(lease))
          yield* log.succeeded
          if (isIdle && refilled !== true) yield* Effect.sleep(idlePause)
          return positionsAfter(positions, states)
        })

        /** Repeats steps until one fails. Its outcome in the database is unknown, so positions are read again. */
        const steps = (lease: Lease) =>
          Effect.gen(function* () {
            let positions = yield* gaps.positions
            while (true) positions = yield* step(lease, positions)
          }).pipe(
            Effect.catchTags({
              GapOpen: () =>
                Effect.flatMap(gaps.refillNext(lease), (refilled) =>
                  refilled ? Effect.void : Effect.sleep(failurePause)
                ),
              DependencyDown: (down) =>
                Effect.all([Ref.set(isRedisLost, true), log.failed(down), Effect.sleep(failurePause)], {
                  discard: true
                })
            }),
            Effect.catchTag("SqlError", (error) => Effect.andThen(log.failed(error), Effect.sleep(failurePause))),
            Effect.catchDefect((defect) =>
              Effect.andThen(
                Effect.logError("mining projection failed; retrying in 30 seconds", defect),
                Effect.sleep(defectPause)
              )
            )
          )

        /** Ends once another process leads. An unavailable database is retried, because then no other process can lead. */
        const renewals = (lease: Lease) =>
          leadership.renew(lease).pipe(
            Effect.catchTag("SqlError", () => Effect.void),
            Effect.repeat(Schedule.spaced(leaseIntervalMs))
          )

        const logRetention = (error: SqlError) =>
          isOutage(error.reason) ? Effect.void : Effect.logWarning("expired mining data cannot be removed", error)
        const retention = removeExpired.pipe(
          Effect.catch(logRetention),
          Effect.repeat(Schedule.spaced("1 minute")),
          Effect.provideService(SqlClient.SqlClient, sql)
        )

        const lead = Effect.fnUntraced(function* (lease: Lease): Effect.fn.Return<void, LeadershipLost> {
          yield* Ref.set(held, lease)
          yield* Effect.annotateLogs(Effect.logInfo("leading the mining projection"), { term: lease.term })
          const work = [Effect.forever(steps(lease)), renewals(lease), retention, repeatFold(weeks, lease)]
          yield* Effect.raceAllFirst(work)
        })

        const endTerm = (lease: Lease) =>
          Effect.andThen(Ref.set(held, undefined), Effect.ignore(leadership.release(lease)))

        const tryToLead = Effect.gen(function* () {
          const lease = yield* leadership.acquire(holder)
          if (lease === undefined) return
          yield* Effect.ensuring(lead(lease), endTerm(lease))
        }).pipe(
          Effect.catchTag("LeadershipLost", () => Effect.logWarning("another process leads the mining projection now")),
          Effect.catchTag("SqlError", log.failed)
        )

        // A span for each poll would hide those of requests.
        const run = Effect.withTracerEnabled(
          Effect.forever(Effect.andThen(tryToLead, Effect.sleep(attemptPause))),
          false
        )
        return {
          isLeader: Effect.map(Ref.get(held), Predicate.isNotUndefined),
          start: Effect.asVoid(inBackground(run))
        }
      })
    )
}
