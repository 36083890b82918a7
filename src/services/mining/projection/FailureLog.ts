import { Effect, Ref } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import type { DependencyDown } from "../../../domain/Dependency.ts"
import { conditionOf } from "../../../domain/SqlState.ts"

/** Failure that may pass by itself. */
export type Outage = SqlError | DependencyDown

const factsOf = (failure: Outage) =>
  failure._tag === "DependencyDown"
    ? { dependency: "Redis", fault: failure.fault }
    : { dependency: "Postgres", fault: conditionOf(failure.reason) ?? "failed" }

/** Logs one line when the projection stops for a reason, and one when it goes on. */
export const makeFailureLog = Effect.gen(function* () {
  const current = yield* Ref.make<string | undefined>(undefined)
  return {
    failed: Effect.fnUntraced(function* (failure: Outage) {
      const { dependency, fault } = factsOf(failure)
      if ((yield* Ref.getAndSet(current, dependency)) === dependency) return
      // Anything but an outage is a fault of ours, so its cause is needed.
      const cause = fault === "failed" ? [failure] : []
      const line = Effect.logWarning(`mining projection paused; ${dependency} unavailable`, ...cause)
      yield* Effect.annotateLogs(line, { fault })
    }),
    succeeded: Effect.flatMap(Ref.getAndSet(current, undefined), (dependency) =>
      dependency === undefined ? Effect.void : Effect.logInfo("mining projection resumed")
    )
  }
})
