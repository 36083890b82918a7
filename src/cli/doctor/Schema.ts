import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { Policy } from "../../baseline/BaselinePolicy.ts"
import { catalogSnapshot } from "../../baseline/Catalog.ts"
import type { Catalog } from "../../baseline/Catalog.ts"
import { differencesOf } from "../../baseline/Difference.ts"
import type { Difference } from "../../baseline/Difference.ts"
import { ownDifferencesOf } from "../../baseline/OwnExpectations.ts"
import { verdictOf } from "../../baseline/Verdict.ts"
import { AppConfig } from "../../layers/AppConfig.ts"
import { Migrations } from "../../layers/Migrations.ts"
import { failed, ok, warning } from "./Check.ts"
import type { Check, Finding } from "./Check.ts"

const up = "tbg migrate up"

export const steps: Check<AppConfig | Migrations> = {
  name: "migrations",
  look: Effect.gen(function* () {
    const { migrations } = yield* AppConfig
    const { status, verify } = yield* Migrations
    yield* verify
    const steps = yield* status
    const pending = steps.filter(({ appliedAt }) => appliedAt === null).map(({ name }) => name)
    if (pending.length > 0) {
      const words = `pending: ${pending.join(", ")}`
      return migrations.onStart
        ? ok(`${words}; tbg serve applies them when it starts`)
        : failed(`${words}, and TBG_MIGRATE_ON_START is false`, `run ${up}`)
    }
    const newer = steps.some(({ unknown }) => unknown) ? ", which is newer than this program" : ""
    return ok(`at ${steps.at(-1)?.name}${newer}`)
  })
}

/** As many objects as a line holds. */
const named = 5

const namesOf = (differences: ReadonlyArray<Difference>): string => {
  const names = differences.slice(0, named).map(({ object, problem }) => `${object} (${problem})`)
  const others = differences.length - names.length
  return names.join(", ") + (others > 0 ? ` and ${others} more` : "")
}

const all = "tbg migrate check lists them all"

/** `applied`: the steps of the ledger. With one of them the baseline was recorded, and is not to be made any more. */
const driftFinding = (catalog: Catalog, policy: Policy, applied: ReadonlyArray<string>): Finding => {
  const recorded = applied.length > 0
  const verdict = verdictOf(catalog, policy)
  if (!recorded && verdict._tag === "Create")
    return ok("the database is empty, and gets its tables with the migrations")
  const differences = [...differencesOf(catalog), ...ownDifferencesOf(catalog, applied)]
  if (!recorded && verdict._tag === "Refuse") {
    return failed(`${verdict.reason.split(";")[0]}: ${namesOf(differences)}`, `set TBG_DATABASE_URL; ${all}`)
  }
  if (differences.length === 0) return ok("none")
  const blocking = differences.filter(({ severity }) => severity === "blocking")
  return blocking.length > 0
    ? failed(namesOf(blocking), `the service cannot run on this; ${all}`)
    : warning(namesOf(differences), `tbg migrate repair makes what is missing; ${all}`)
}

export const drift: Check<AppConfig | Migrations | SqlClient.SqlClient> = {
  name: "drift",
  look: Effect.gen(function* () {
    const { environment, migrations } = yield* AppConfig
    const { status } = yield* Migrations
    const applied = (yield* status).filter(({ appliedAt }) => appliedAt !== null).map(({ name }) => name)
    return driftFinding(yield* catalogSnapshot, { environment, policy: migrations.baselinePolicy }, applied)
  })
}
