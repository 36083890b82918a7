import { Effect, Struct } from "effect"
import { authOf } from "./AuthSettings.ts"
import { ConfigInvalid } from "./ConfigInvalid.ts"
import type { Problem } from "./ConfigInvalid.ts"
import { problemsBetween } from "./Rules.ts"
import type { Basis, Setting } from "./Setting.ts"
import { allSettings, settings } from "./Settings.ts"
import { textIn, unknownNames } from "./Sources.ts"
import type { Variables } from "./Sources.ts"

interface Found {
  readonly environment: Variables
  readonly file: Variables
  /** Whether stdout is a terminal. */
  readonly terminal: boolean
  /** What went wrong on the way here. */
  readonly problems: ReadonlyArray<Problem>
}

interface ValueOf extends Struct.Lambda {
  <A>(setting: Setting<A>): A
  readonly "~lambda.out": this["~lambda.in"] extends Setting<infer A> ? A : never
}

const known = allSettings.map(({ variable }) => variable)

/** Two settings come first: the defaults of others depend on them, their own on nothing. */
const basisOf = ({ environment, file, terminal }: Found): Basis => {
  const first: Basis = { environment: "development", debug: false, terminal, textOf: textIn(environment, file) }
  return {
    ...first,
    environment: settings.general.environment.read(first).value,
    debug: settings.general.debug.read(first).value
  }
}

/** The configuration, or all that is wrong with it. */
export const configFrom = Effect.fnUntraced(function* (found: Found) {
  const basis = basisOf(found)
  const valuesOf = Struct.map(Struct.lambda<ValueOf>((setting) => setting.read(basis).value))
  const readings = allSettings.map((setting) => setting.read(basis))
  const auth = valuesOf(settings.auth)
  const values = {
    ...valuesOf(settings.general),
    http: valuesOf(settings.http),
    database: valuesOf(settings.database),
    redis: valuesOf(settings.redis),
    readiness: valuesOf(settings.readiness),
    rateLimit: valuesOf(settings.rateLimit),
    apiKeys: valuesOf(settings.apiKeys),
    log: valuesOf(settings.log),
    metrics: valuesOf(settings.metrics),
    docs: valuesOf(settings.docs),
    tracing: valuesOf(settings.tracing),
    migrations: valuesOf(settings.migrations),
    shutdown: valuesOf(settings.shutdown)
  }

  const single = [...found.problems, ...readings.flatMap(({ problem }) => problem ?? [])]
  const invalid = new Set(single.map(({ variable }) => variable))
  const problems = [...single, ...problemsBetween({ ...values, auth }, invalid)]
  const { target } = values.database
  const warnings = [
    ...unknownNames([...Object.keys(found.environment), ...Object.keys(found.file)], known),
    ...(target._tag === "Postgres" ? target.ignored : [])
  ]
  if (problems.length > 0) return yield* new ConfigInvalid({ environment: values.environment, problems, warnings })
  return {
    ...values,
    auth: authOf(auth),
    warnings,
    entries: readings.map(({ shown, source, variable }) => ({ variable, value: shown, source }))
  }
})
