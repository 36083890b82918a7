import { Schema } from "effect"

/** Invalid setting. `found` contains no secret. */
export const Problem = Schema.Struct({ variable: Schema.String, found: Schema.String, expected: Schema.String })
export type Problem = typeof Problem.Type

/** Value of a row. If its text is invalid, the default is used, so that other rows can still be checked. */
export interface Reading<out A> {
  readonly value: A
  readonly source: "environment" | ".env" | "default"
  readonly problem: Problem | undefined
}

export interface Context {
  readonly read: <A>(row: Row<A>) => Reading<A>
  readonly isTerminal: boolean
}

export type Rule<A> = (value: A, context: Context) => readonly [found: string, expected: string] | false | undefined

interface Options<A> {
  readonly doc: string
  /** Name of the same setting in other software; `env` wins. */
  readonly alias?: string
  readonly required?: boolean
  /** A method rather than a property, because `Row` is covariant. */
  rule?(...input: Parameters<Rule<A>>): ReturnType<Rule<A>>
}

export interface Row<out A> extends Options<A> {
  readonly env: string
  readonly codec: Schema.Codec<A, string>
  readonly default: (context: Context) => A
  /** The default as text; empty if there is none, or if it depends on other rows. */
  readonly example: string
}

export type ValuesOf<Group> = { readonly [K in keyof Group]: Group[K] extends Row<infer A> ? A : never }

/** Formats a value without secrets. */
export const shown = <A>(codec: Schema.Codec<A, string>, value: A): string =>
  value === undefined ? "" : Schema.encodeSync(codec)(value)

/** Describes the accepted values of a codec, as the end of a sentence. */
export const expectedBy = (codec: Schema.Constraint): string => Schema.resolveAnnotations(codec)?.expected ?? ""

/** Row whose default depends on other rows, as described in `doc`. */
export const derived = <A>(
  env: string,
  codec: Schema.Codec<A, string>,
  fallback: (context: Context) => A,
  options: Options<NoInfer<A>>
): Row<A> => ({ env, codec, default: fallback, example: "", ...options })

export const row = <A>(
  env: string,
  codec: Schema.Codec<A, string>,
  fallback: NoInfer<A>,
  options: Options<NoInfer<A>>
): Row<A> => ({ ...derived(env, codec, () => fallback, options), example: shown(codec, fallback) })

export const optional = <A>(env: string, codec: Schema.Codec<A, string>, options: Options<NoInfer<A> | undefined>) =>
  derived<A | undefined>(env, codec, () => undefined, options)
