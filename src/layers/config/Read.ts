import { Effect, Result, Runtime, Schema, Struct } from "effect"
import type { SchemaIssue } from "effect"
import { nearestTo } from "../../domain/Nearest.ts"
import { redacted } from "./Codecs.ts"
import type { DotEnv, Variables } from "./DotEnv.ts"
import { Environment, onDeployed } from "./Rules.ts"
import { expectedBy, Problem, shown } from "./Row.ts"
import type { Context, Reading, Row, ValuesOf } from "./Row.ts"
import { allRows, table } from "./Table.ts"

const lineOf = ({ found, variable, expected }: Problem): string => `${variable}: found ${found}, expected ${expected}`

/** All problems of a configuration, one line each; exit code 78 (contract section 6). */
export class ConfigInvalid extends Schema.TaggedError<ConfigInvalid>()("ConfigInvalid", {
  environment: Environment,
  problems: Schema.Array(Problem),
  /** Warnings about settings without effect, because a misspelled name may explain a missing variable. */
  warnings: Schema.Array(Schema.String)
}) {
  override readonly [Runtime.errorExitCode] = 78

  override get message(): string {
    return [...this.problems.map(lineOf), ...this.warnings.map((warning) => `warning: ${warning}`)].join("\n")
  }
}

/** Quotes and truncates a text. An address is redacted, because it may contain credentials. */
const quoted = (text: string): string => {
  if (!/@|:\/\//.test(text)) return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
  const host = text.includes("@") ? "" : URL.parse(text)?.host
  return host ? `an address at "${host}", redacted` : redacted
}

/** Returns the invalid item of a list, otherwise the whole text. */
const refusedIn = (issue: SchemaIssue.Issue, text: string): string => {
  if (issue._tag === "Pointer") return String(issue.issue.input)
  if ("issue" in issue) return refusedIn(issue.issue, text)
  return issue._tag === "Composite" ? refusedIn(issue.issues[0], text) : text
}

/** The environment overrides the file, and an empty text counts as unset. */
export const contextOf = (environment: Variables, file: Variables, isTerminal: boolean): Context => {
  const textOf = (variable: string) => environment[variable]?.trim() || file[variable]?.trim()
  const read = <A>({ alias, codec, env, required, ...row }: Row<A>): Reading<A> => {
    const variable = alias !== undefined && !textOf(env) ? alias : env
    const text = textOf(variable)
    const expected = expectedBy(codec)
    const byDefault = (problem?: Problem) => ({ value: row.default(context), source: "default", problem }) as const
    if (!text) {
      const missing = { variable: env, found: "nothing", expected: `${expected}; required in staging and production` }
      return byDefault(required && onDeployed(context) ? missing : undefined)
    }
    return Result.match(Schema.decodeResult(codec)(text, { reportInput: true }), {
      onFailure: ({ issue }) => {
        const hidden = Schema.resolveAnnotations(codec)?.["redacted"]
        const found = typeof hidden === "string" ? hidden : quoted(refusedIn(issue, text))
        return byDefault({ variable, found, expected })
      },
      onSuccess: (value) => {
        const source = environment[variable]?.trim() ? "environment" : ".env"
        return { value, source, problem: undefined }
      }
    })
  }
  const context: Context = { read, isTerminal }
  return context
}

const under = (url: string | undefined, path: string) => url && url.replace(/\/+$/, "") + path

/** Derives issuer, key set and algorithms for supabase and clerk. */
const authOf = ({ audience, provider, ...values }: ValuesOf<(typeof table)["auth"]>) => {
  const signing = (
    issuer: string | undefined,
    algorithms: typeof values.algorithms,
    jwksUrl = under(issuer, "/.well-known/jwks.json")
  ) => ({ provider, audience, issuer, jwksUrl, algorithms })
  return {
    none: signing(undefined, []),
    supabase: signing(under(values.supabaseUrl, "/auth/v1"), ["ES256", "RS256"]),
    clerk: signing(under(values.clerkIssuer, ""), ["RS256"]),
    custom: signing(values.oauthIssuer, values.algorithms, values.oauthJwksUrl)
  }[provider]
}

/** Variables of other software, whose values this service may not accept. */
const aliases = allRows.flatMap(({ alias }) => alias ?? [])
const names = [...allRows.map(({ env }) => env), ...aliases]

/** Returns a warning for each unknown `TBG_` name, without its value because that may be a secret. */
const unknownIn = (found: Iterable<string>): ReadonlyArray<string> =>
  [...new Set(found)]
    .filter((name) => /^TBG_(?!TEST_)/.test(name) && !names.includes(name))
    .toSorted()
    .map((name) => {
      const nearest = nearestTo(name, names)
      return `${name}: no such variable${nearest === undefined ? "" : `; did you mean ${nearest}?`}`
    })

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

/** Fails with all problems of the configuration. */
export const configFrom = Effect.fnUntraced(function* ({ environment, file, isTerminal }: Found) {
  const context = contextOf(environment, file.variables, isTerminal)
  const valueOf = Struct.lambda<ValueOf>((row) => context.read(row).value)
  const valuesOf = Struct.lambda<GroupOf>((group) => Struct.map(group, valueOf))
  const { auth, general, ...groups } = Struct.map(table, valuesOf)
  const readings = allRows.map((row: Row<unknown>) => ({ row, ...context.read(row) }))
  const found = readings.flatMap(({ problem, row, value }) => {
    if (problem !== undefined) return problem
    const broken = row.rule?.(value, context)
    return broken ? { variable: row.env, found: broken[0], expected: broken[1] } : []
  })
  const problems = [...file.problems, ...found.filter(({ variable }) => !aliases.includes(variable))]
  const { target } = groups.database
  const warnings = [
    ...file.warnings,
    ...unknownIn([...Object.keys(environment), ...Object.keys(file.variables)]),
    ...(target._tag === "Postgres" ? target.ignored : []),
    ...found.filter(({ variable }) => aliases.includes(variable)).map((alias) => `${lineOf(alias)}; it has no effect`)
  ]
  if (problems.length > 0) {
    return yield* new ConfigInvalid({ environment: general.environment, problems, warnings })
  }
  return {
    ...general,
    ...groups,
    auth: authOf(auth),
    warnings,
    /** Variables with their effective values, redacted, and the sources of these values. */
    entries: readings.map(({ row, source, value }) => ({ variable: row.env, value: shown(row.codec, value), source }))
  }
})
