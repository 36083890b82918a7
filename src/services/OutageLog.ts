import { Clock, Effect, Schedule } from "effect"
import type { Duration } from "effect"
import { isWriteFault } from "../domain/Dependency.ts"
import type { Fault } from "../domain/Dependency.ts"
import { Readiness } from "./Readiness.ts"

const logOutage = (fault: Fault) =>
  isWriteFault(fault)
    ? Effect.logError("Postgres accepts no writes; they get 503, reads continue")
    : Effect.logError("Postgres unavailable; requests that need it get 503")

/** Logs when Postgres becomes unavailable, when the fault changes, and when it recovers. Samples every `interval`. */
export const logOutages = Effect.fnUntraced(function* (interval: Duration.Input) {
  const { database } = yield* Readiness
  let last: Fault | undefined
  let since = 0
  const sample = Effect.gen(function* () {
    const { fault } = yield* database
    if (fault === last) return
    const now = yield* Clock.currentTimeMillis
    if (last === undefined) since = now
    const line = fault === undefined ? Effect.logInfo("Postgres available again") : logOutage(fault)
    const facts = fault === undefined ? { outage_ms: now - since } : { fault }
    last = fault
    yield* Effect.annotateLogs(line, facts)
  })
  yield* Effect.forkScoped(Effect.repeat(sample, Schedule.spaced(interval)))
})
