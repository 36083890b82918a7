import { Cause, Effect, Fiber, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { isSqlError } from "effect/sql/SqlError"
import type { SqlError } from "effect/sql/SqlError"

/** `skipped` means that the state is unknown, which is not a failure. */
export type State = "ok" | "warning" | "failed" | "skipped"

/** Result of a check, without secrets. */
export interface Finding {
  readonly state: State
  readonly what: string
  /** Fix for the operator, or `null`. */
  readonly fix: string | null
}

/** Check of a dependency or setting. The report shows its name. */
export interface Check<R = never> {
  readonly name: string
  readonly run: Effect.Effect<Finding, Error, R>
}

export interface CheckResult extends Finding {
  readonly name: string
}

export const ok = (what: string): Finding => ({ state: "ok", what, fix: null })
export const skipped = (what: string): Finding => ({ state: "skipped", what, fix: null })
export const warning = (what: string, fix: string): Finding => ({ state: "warning", what, fix })
export const failed = (what: string, fix: string | null): Finding => ({ state: "failed", what, fix })

/** Longer than the default connection and statement timeouts together. */
const deadlineSeconds = 15

const messageOf = (error: unknown): string => {
  if (isSqlError(error) && error.reason.cause instanceof Error) return error.reason.cause.message
  return error instanceof Error ? error.message : String(error)
}

/** Runs a check with a deadline. Its fiber is detached, because interrupting it would wait for a frozen server. */
export const runCheck = Effect.fnUntraced(function* <R>({
  name,
  run
}: Check<R>): Effect.fn.Return<CheckResult, never, R> {
  const finding = Effect.catchCause(run, (cause) => Effect.succeed(failed(messageOf(Cause.squash(cause)), null)))
  const fiber = yield* Effect.forkDetach(finding)
  const timedOut = Effect.as(
    Effect.forkDetach(Fiber.interrupt(fiber)),
    failed(`no response in ${deadlineSeconds} s`, null)
  )
  const duration = `${deadlineSeconds} seconds` as const
  return { name, ...(yield* Effect.timeoutOrElse(Fiber.join(fiber), { duration, orElse: () => timedOut })) }
})

export const runChecks = <R>(checks: ReadonlyArray<Check<R>>) =>
  Effect.forEach(checks, runCheck, { concurrency: "unbounded" })

/** Skips checks that need another check to pass. */
export const skipAfter = (failedCheck: string, checks: ReadonlyArray<{ readonly name: string }>) =>
  checks.map(({ name }): CheckResult => ({ name, ...skipped(`not checked: the ${failedCheck} check failed`) }))

/** Runs a check, and the others only if it does not fail. */
export const runAfter = Effect.fnUntraced(function* <R>(
  first: Check<R>,
  others: ReadonlyArray<Check<R>>
): Effect.fn.Return<ReadonlyArray<CheckResult>, never, R> {
  const result = yield* runCheck(first)
  const rest = result.state === "failed" ? skipAfter(first.name, others) : yield* runChecks(others)
  return [result, ...rest]
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
