import { Cause, Effect, Fiber, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { isSqlError } from "effect/sql/SqlError"
import type { SqlError } from "effect/sql/SqlError"
import type { Advice } from "../../layers/Advice.ts"

/** Result of a check, without secrets. */
export interface Finding {
  /** `skipped` means that the state is unknown, which is not a failure. */
  readonly state: "ok" | "warning" | "failed" | "skipped"
  readonly what: string
  /** Fix for the operator, or `null`. */
  readonly fix: string | null
}

/** Checks of dependencies or settings, by the names that the report shows. */
export type Checks<R = never> = Readonly<Record<string, Effect.Effect<Finding, Error, R>>>

export interface CheckResult extends Finding {
  readonly name: string
}

export const ok = (what: string): Finding => ({ state: "ok", what, fix: null })
export const skipped = (what: string): Finding => ({ state: "skipped", what, fix: null })
export const warning = (what: string, fix: string): Finding => ({ state: "warning", what, fix })
export const failed = (what: string, fix: string | null): Finding => ({ state: "failed", what, fix })
export const failedBy = ({ fix, problem }: Advice): Finding => failed(problem, fix)

/** Round trip in milliseconds above which requests are noticeably slow. */
const slowMs = 50

export const latencyFinding = (where: string, millis: number): Finding => {
  const words = `${where} responds in ${millis.toFixed(1)} ms`
  return millis > slowMs ? warning(words, "run the service close to it, because every request waits for it") : ok(words)
}

/** Longer than the default connection and statement timeouts together. */
const deadlineSeconds = 15

const messageOf = (error: unknown): string => {
  if (isSqlError(error) && error.reason.cause instanceof Error) return error.reason.cause.message
  return error instanceof Error ? error.message : String(error)
}

/** Runs a check with a deadline. Its fiber is detached, because interrupting it would wait for a frozen server. */
const runCheck = Effect.fnUntraced(function* <R>(
  name: string,
  check: Effect.Effect<Finding, Error, R>
): Effect.fn.Return<CheckResult, never, R> {
  const fiber = yield* Effect.forkDetach(
    Effect.catchCause(check, (cause) => Effect.succeed(failed(messageOf(Cause.squash(cause)), null)))
  )
  const finding = yield* Effect.timeoutOrElse(Fiber.join(fiber), {
    duration: `${deadlineSeconds} seconds`,
    orElse: () =>
      Effect.as(Effect.forkDetach(Fiber.interrupt(fiber)), failed(`no response in ${deadlineSeconds} s`, null))
  })
  return { name, ...finding }
})

export const runChecks = <R>(checks: Checks<R>) =>
  Effect.forEach(Object.entries(checks), ([name, check]) => runCheck(name, check), { concurrency: "unbounded" })

export const skipChecks = (checks: Checks<unknown>, what: string) =>
  Object.keys(checks).map((name): CheckResult => ({ name, ...skipped(what) }))

/** Skips checks that need another check to pass. */
export const skipAfter = (failedCheck: string, checks: Checks<unknown>) =>
  skipChecks(checks, `not checked: the ${failedCheck} check failed`)

/** Runs a check, and the others only if it does not fail. */
export const runAfter = Effect.fnUntraced(function* <R>(
  name: string,
  check: Effect.Effect<Finding, Error, R>,
  others: Checks<R>
): Effect.fn.Return<ReadonlyArray<CheckResult>, never, R> {
  const result = yield* runCheck(name, check)
  return [result, ...(result.state === "failed" ? skipAfter(name, others) : yield* runChecks(others))]
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
