import { Cause, Context, Effect, Exit, Schedule } from "effect"
import { SqlClient } from "effect/sql"

/** Whether a transaction loses its connection if the server does not answer a statement. */
export const HasAnswerLimit = Context.Reference("tbg-api/layers/database/HasAnswerLimit", { defaultValue: () => true })

/** Runs `effect` in a transaction without time limits on the server and in this process. */
export const transactionWithoutTimeout = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    sql.withTransaction(Effect.andThen(sql`SELECT set_config('statement_timeout', '0', true)`, effect))
  ).pipe(Effect.provideService(HasAnswerLimit, false))

export type Limited = <A, E, R>(statement: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

interface LeasedSession {
  statements: number
  /** Time of the last answer, or of the first statement after it. */
  since: number
  readonly limitMs: number
  readonly discard: Effect.Effect<void>
}

const betweenChecks = "250 millis"

/**
 * Runs `discard` for a session on which a statement has been unanswered for `limitMs`. Statements that share a session
 * are answered in turn, so each answer restarts the time of the others.
 */
export const makeAnswerLimits = Effect.gen(function* () {
  const waiting = new Set<LeasedSession>()
  const discardSilent = Effect.suspend(() => {
    const now = performance.now()
    const silent = [...waiting].filter(({ limitMs, since }) => now - since > limitMs)
    for (const session of silent) waiting.delete(session)
    return Effect.forEach(silent, ({ discard }) => Effect.forkDetach(discard), { discard: true })
  })
  yield* Effect.forkScoped(Effect.repeat(discardSilent, Schedule.spaced(betweenChecks)))

  return (limitMs: number, discard: Effect.Effect<void>): Limited => {
    const session: LeasedSession = { statements: 0, since: 0, limitMs, discard }
    const begin = () => {
      if (session.statements === 0) {
        session.since = performance.now()
        waiting.add(session)
      }
      session.statements += 1
    }
    const end = (exit: Exit.Exit<unknown, unknown>) =>
      Effect.sync(() => {
        session.statements -= 1
        if (session.statements === 0) waiting.delete(session)
        if (Exit.isSuccess(exit) || !Cause.hasInterrupts(exit.cause)) session.since = performance.now()
      })
    return (statement) =>
      Effect.suspend(() => {
        begin()
        return Effect.onExit(statement, end)
      })
  }
})
