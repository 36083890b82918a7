import { Result } from "effect"
import type { Problem } from "./ConfigInvalid.ts"
import type { Kind } from "./Kind.ts"
import type { Source, Text } from "./Sources.ts"

export type Environment = "development" | "test" | "staging" | "production"

/** What a default may depend on. */
export interface Basis {
  readonly environment: Environment
  readonly debug: boolean
  /** Whether stdout is a terminal. */
  readonly terminal: boolean
  readonly textOf: (variable: string) => Text | undefined
}

/** Staging and production: the environments that others rely on, where nothing is made up. */
export const isDeployed = (environment: Environment): boolean =>
  environment === "staging" || environment === "production"

/** A setting as it was found. With a problem the default stands in, so that the other rules can still be checked. */
export interface Reading<out A> {
  readonly variable: string
  readonly value: A
  /** The value, redacted. */
  readonly shown: string
  readonly source: Source
  readonly problem: Problem | undefined
}

/** One variable of the contract: what it is called, what it is for, and how it is read. */
export interface Setting<out A> {
  readonly variable: string
  /** A name that others gave the same thing; the variable wins. */
  readonly alias: string | undefined
  readonly doc: string
  readonly wanted: string
  /** The default as text; empty where there is none, or where it depends on more than the table. */
  readonly example: string
  readonly read: (basis: Basis) => Reading<A>
}

interface Options {
  readonly alias?: string
  /** Without a default in staging and production. */
  readonly required?: boolean
}

const make = <A>(
  variable: string,
  kind: Kind<A>,
  fallback: (basis: Basis) => A,
  example: string,
  doc: string,
  { alias, required = false }: Options
): Setting<A> => ({
  variable,
  alias,
  doc,
  wanted: kind.wanted,
  example,
  read: (basis) => {
    const name = alias !== undefined && basis.textOf(variable) === undefined ? alias : variable
    const found = basis.textOf(name)
    const useDefault = (problem?: Problem): Reading<A> => {
      const value = fallback(basis)
      return { variable, value, shown: kind.show(value), source: "default", problem }
    }
    if (found === undefined) {
      const missing = required && isDeployed(basis.environment)
      const wanted = `${kind.wanted}; required in staging and production`
      return useDefault(missing ? { variable, found: "nothing", wanted } : undefined)
    }
    return Result.match(kind.parse(found.text), {
      onFailure: (shown) => useDefault({ variable: name, found: shown, wanted: kind.wanted }),
      onSuccess: (value) => ({ variable, value, shown: kind.show(value), source: found.source, problem: undefined })
    })
  }
})

/** A setting with one default. */
export const setting = <A>(variable: string, kind: Kind<A>, value: A, doc: string, options: Options = {}): Setting<A> =>
  make(variable, kind, () => value, kind.show(value), doc, options)

/** A setting whose default depends on the environment; `doc` tells how. */
export const derived = <A>(
  variable: string,
  kind: Kind<A>,
  fallback: (basis: Basis) => A,
  doc: string,
  options: Options = {}
): Setting<A> => make(variable, kind, fallback, "", doc, options)
