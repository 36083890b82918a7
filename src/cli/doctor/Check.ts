import { Cause, Effect, Fiber, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { isSqlError } from "effect/sql/SqlError"
import type { SqlError } from "effect/sql/SqlError"

/** `skipped` means that the state is not known. It is not a failure. */
export type State = "ok" | "warning" | "failed" | "skipped"

/** Result of a check, without secrets. */
export interface Finding {
  readonly state: State
  readonly what: string
  /** Fix for the operator, or `null`. */
  readonly mend: string | null
}

/** Check of something that the service needs. The report shows its name. */
export interface Check<R = never> {
  readonly name: string
  readonly run: Effect.Effect<Finding, Error, R>
}

export interface CheckResult extends Finding {
  readonly name: string
}

export const ok = (what: string): Finding => ({ state: "ok", what, mend: null })
export const skipped = (what: string): Finding => ({ state: "skipped", what, mend: null })
export const warning = (what: string, mend: string): Finding => ({ state: "warning", what, mend })
export const failed = (what: string, mend: string | null): Finding => ({ state: "failed", what, mend })

/** Longer than the default timeouts of a connection and a statement together. */
const deadlineSeconds = 15

const messageOf = (error: unknown): string => {
  if (isSqlError(error) && error.reason.cause instanceof Error) return error.reason.cause.message
  return error instanceof Error ? error.message : String(error)
}

/** Runs a check with a deadline. The fiber is detached, because a frozen server also delays its interruption. */
export const runCheck = Effect.fnUntraced(function* <R>({
  name,
  run
}: Check<R>): Effect.fn.Return<CheckResult, never, R> {
  const finding = Effect.catchCause(run, (cause) => Effect.succeed(failed(messageOf(Cause.squash(cause)), null)))
  const fiber = yield* Effect.forkDetach(finding)
  const late = Effect.as(Effect.forkDetach(Fiber.interrupt(fiber)), failed(`no answer in ${deadlineSeconds} s`, null))
  const duration = `${deadlineSeconds} seconds` as const
  return { name, ...(yield* Effect.timeoutOrElse(Fiber.join(fiber), { duration, orElse: () => late })) }
})

export const runChecks = <R>(checks: ReadonlyArray<Check<R>>) =>
  Effect.forEach(checks, runCheck, { concurrency: "unbounded" })

/** Skips checks that need a server that failed the check `gate`. */
export const skipBehind = (gate: string, checks: ReadonlyArray<{ readonly name: string }>) =>
  checks.map(({ name }): CheckResult => ({ name, ...skipped(`not checked: the ${gate} check failed`) }))

/** Runs checks of a server if it passes the check `gate`. */
export const runBehind = Effect.fnUntraced(function* <R>(
  gate: Check<R>,
  checks: ReadonlyArray<Check<R>>
): Effect.fn.Return<ReadonlyArray<CheckResult>, never, R> {
  const first = yield* runCheck(gate)
  const rest = first.state === "failed" ? skipBehind(gate.name, checks) : yield* runChecks(checks)
  return [first, ...rest]
})

/** Returns the only row of a query. */
export const queryRow = <A, I>(
  row: Schema.Codec<A, I>,
  query: (sql: SqlClient.SqlClient) => Effect.Effect<ReadonlyArray<unknown>, SqlError>
) =>
  Effect.flatMap(SqlClient.SqlClient, query).pipe(
    Effect.flatMap(Schema.decodeUnknownEffect(Schema.Tuple([row]))),
    Effect.map(([row]) => row)
  )
