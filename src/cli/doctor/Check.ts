import { Cause, Effect, Fiber } from "effect"
import { isSqlError } from "effect/sql/SqlError"

/** `skipped` is for what cannot be told now; it is no failure by itself. */
export type State = "ok" | "warning" | "failed" | "skipped"

/** What a look at one thing found; no secret in it. */
export interface Finding {
  readonly state: State
  readonly what: string
  /** How to mend it; `null` where there is nothing to mend. */
  readonly mend: string | null
}

/** One thing that the service needs, under the name that it has in the report. */
export interface Check<R = never> {
  readonly name: string
  readonly look: Effect.Effect<Finding, Error, R>
}

export interface Examined extends Finding {
  readonly name: string
}

export const ok = (what: string): Finding => ({ state: "ok", what, mend: null })
export const skipped = (what: string): Finding => ({ state: "skipped", what, mend: null })
export const warning = (what: string, mend: string): Finding => ({ state: "warning", what, mend })
export const failed = (what: string, mend: string | null): Finding => ({ state: "failed", what, mend })

/** Longer than the default deadlines of a connection and of a statement take, one after the other. */
const deadlineSeconds = 15

const wordsOf = (error: unknown): string => {
  if (isSqlError(error) && error.reason.cause instanceof Error) return error.reason.cause.message
  return error instanceof Error ? error.message : String(error)
}

/** A look that ends in time, whatever it meets: a frozen server delays even that it is given up. */
export const examined = Effect.fnUntraced(function* <R>({
  look,
  name
}: Check<R>): Effect.fn.Return<Examined, never, R> {
  const looking = Effect.catchCause(look, (cause) => Effect.succeed(failed(wordsOf(Cause.squash(cause)), null)))
  const fiber = yield* Effect.forkDetach(looking)
  const late = Effect.as(Effect.forkDetach(Fiber.interrupt(fiber)), failed(`no answer in ${deadlineSeconds} s`, null))
  const finding = yield* Effect.timeoutOrElse(Fiber.join(fiber), {
    duration: `${deadlineSeconds} seconds`,
    orElse: () => late
  })
  return { name, ...finding }
})

export const examinedAll = <R>(checks: ReadonlyArray<Check<R>>) =>
  Effect.forEach(checks, examined, { concurrency: "unbounded" })

/** Checks that need a server that has failed the check `gate`. */
export const unknownBehind = (gate: string, checks: ReadonlyArray<{ readonly name: string }>) =>
  checks.map(({ name }): Examined => ({ name, ...skipped(`not checked: the ${gate} check failed`) }))

/** Whether a server answers at all comes first: without it the others would all tell the same. */
export const examinedBehind = Effect.fnUntraced(function* <R>(
  gate: Check<R>,
  checks: ReadonlyArray<Check<R>>
): Effect.fn.Return<ReadonlyArray<Examined>, never, R> {
  const first = yield* examined(gate)
  const rest = first.state === "failed" ? unknownBehind(gate.name, checks) : yield* examinedAll(checks)
  return [first, ...rest]
})
