import { ConfigProvider, Effect, Result, Schema, Struct } from "effect"
import type { SchemaIssue } from "effect"
import { authOf } from "./Auth.ts"
import { quoted } from "./Codecs.ts"
import { ConfigInvalid, lineOf } from "./ConfigInvalid.ts"
import type { DotEnv, Variables } from "./DotEnv.ts"
import { onDeployed } from "./Rules.ts"
import { expectedBy, shown } from "./Row.ts"
import type { Context, Reading, Row, ValuesOf } from "./Row.ts"
import { allRows, table } from "./Table.ts"
import { unknownNames } from "./UnknownNames.ts"

interface Text {
  readonly text: string
  readonly source: "environment" | ".env"
}

/** Returns the codec's description of a refused text, or else quotes it. */
const describe = (issue: SchemaIssue.Issue, text: string): string => {
  if ("issue" in issue) return describe(issue.issue, text)
  const message = issue._tag === "InvalidValue" ? issue.annotations?.message : undefined
  return typeof message === "string" ? message : quoted(text)
}

/** Makes the reader of all rows from the texts of variables. */
export const contextOf = (texts: ReadonlyMap<string, Text>, isTerminal: boolean): Context => {
  const read = <A>(row: Row<A>): Reading<A> => {
    const variable = row.alias !== undefined && !texts.has(row.env) ? row.alias : row.env
    const found = texts.get(variable)
    const wanted = expectedBy(row.codec)
    if (found === undefined) {
      const missing = { variable: row.env, found: "nothing", wanted: `${wanted}; required in staging and production` }
      const problem = row.required && onDeployed(context) ? missing : undefined
      return { value: row.default(context), source: "default", problem }
    }
    return Result.match(Schema.decodeResult(row.codec)(found.text), {
      onFailure: ({ issue }) => {
        const problem = { variable, found: describe(issue, found.text), wanted }
        return { value: row.default(context), source: "default", problem }
      },
      onSuccess: (value) => ({ value, source: found.source, problem: undefined })
    })
  }
  const context: Context = { read, isTerminal }
  return context
}

/** Variables shared with other software, whose values may have a form that this service does not accept. */
const aliases = new Set(allRows.flatMap(({ alias }) => alias ?? []))
const names = [...allRows.map(({ env }) => env), ...aliases]

/** Returns the texts of the known variables. The environment wins over the file, and an empty text counts as unset. */
const textsIn = Effect.fnUntraced(function* ({ environment, file }: Found) {
  const texts = new Map<string, Text>()
  for (const [source, variables] of [
    [".env", file.variables],
    ["environment", environment]
  ] as const) {
    const provider = ConfigProvider.fromEnvRecord(variables)
    for (const name of names) {
      const text = (yield* provider.load([name]))?.value?.trim()
      if (text) texts.set(name, { text, source })
    }
  }
  return texts
}, Effect.orDie)

interface ValueOf extends Struct.Lambda {
  <A>(row: Row<A>): A
  readonly "~lambda.out": this["~lambda.in"] extends Row<infer A> ? A : never
}

interface GroupOf extends Struct.Lambda {
  <Group extends object>(group: Group): ValuesOf<Group>
  readonly "~lambda.out": ValuesOf<this["~lambda.in"]>
}

interface Found {
  readonly environment: Variables
  readonly file: DotEnv
  readonly isTerminal: boolean
}

/** Returns the configuration, or fails with all of its problems. */
export const configFrom = Effect.fnUntraced(function* (found: Found) {
  const context = contextOf(yield* textsIn(found), found.isTerminal)
  const valueOf = Struct.lambda<ValueOf>((row) => context.read(row).value)
  const { auth, general, ...groups } = Struct.map(
    table,
    Struct.lambda<GroupOf>((group) => Struct.map(group, valueOf))
  )
  const readings = allRows.map((row: Row<unknown>) => ({ row, ...context.read(row) }))
  const refused = readings.flatMap(({ problem }) => problem ?? [])
  const problems = [
    ...found.file.problems,
    ...refused.filter(({ variable }) => !aliases.has(variable)),
    ...readings.flatMap(({ problem, row, value }) => {
      const broken = problem === undefined ? row.rule(value, context) : undefined
      return broken === undefined ? [] : { variable: row.env, ...broken }
    })
  ]
  const { target } = groups.database
  const warnings = [
    ...found.file.warnings,
    ...unknownNames([...Object.keys(found.environment), ...Object.keys(found.file.variables)], names),
    ...(target._tag === "Postgres" ? target.ignored : []),
    ...refused.filter(({ variable }) => aliases.has(variable)).map((alias) => `${lineOf(alias)}; it has no effect`)
  ]
  if (problems.length > 0) {
    return yield* new ConfigInvalid({ environment: general.environment, problems, warnings })
  }
  return {
    ...general,
    ...groups,
    auth: authOf(auth),
    /** Warnings about settings that have no effect, such as misspelled variables. */
    warnings,
    /** Every variable with its effective value, redacted, and the source of that value. */
    entries: readings.map(({ row, source, value }) => ({ variable: row.env, value: shown(row.codec, value), source }))
  }
})
