import { Schema } from "effect"
import type { Redacted } from "effect"
import { Provider } from "../../domain/Identity.ts"
import { boolean, oneOf } from "./Codecs.ts"
import { expectedBy, row } from "./Row.ts"
import type { Context, Row, Rule } from "./Row.ts"
import { isPlaceholder } from "./Secret.ts"

export const Environment = Schema.Literals(["development", "test", "staging", "production"])
export type Environment = typeof Environment.Type

export const environment = row("TBG_ENVIRONMENT", oneOf(...Environment.literals), "development", {
  doc: "Where this runs; other defaults depend on it."
})

/** Returns whether this environment is staging or production, which have no default stores or secrets. */
export const isDeployed = (environment: Environment): boolean =>
  environment === "staging" || environment === "production"

export const onDeployed = ({ read }: Context) => isDeployed(read(environment).value)
export const onProduction = ({ read }: Context) => read(environment).value === "production"

export const debug = row("TBG_DEBUG", boolean, false, {
  doc: "Turns the docs on and the default level to DEBUG; refused in production.",
  rule: (isOn, context) => isOn && onProduction(context) && ["true", "false in production"]
})

export const provider = row("TBG_AUTH_PROVIDER", oneOf("none", ...Provider.literals), "none", {
  doc: "Issuer of the tokens that /api/v1/me accepts."
})

/** Refuses embedded stores in staging and production, because their data is lost at exit and shared with no replica. */
export const refuseEmbedded =
  (expected: string): Rule<{ readonly _tag: string }> =>
  (target, context) =>
    target._tag === "Embedded" && onDeployed(context) && ["an embedded store", `${expected} in staging and production`]

/** Refuses an embedded store unless it is the value of another row, whose own rule refuses it. */
export const refuseEmbeddedBeside =
  (other: Row<{ readonly _tag: string }>, expected: string): Rule<{ readonly _tag: string }> =>
  (target, context) =>
    context.read(other).value._tag !== "Embedded" && refuseEmbedded(expected)(target, context)

/** Refuses published secrets in staging and production. */
export const refusePublished: Rule<Redacted.Redacted | undefined> = (key, context) =>
  key !== undefined &&
  isPlaceholder(key) &&
  onDeployed(context) && [
    "a published placeholder, redacted",
    "a secret of your own in staging and production, such as `openssl rand -hex 32` prints"
  ]

/** Requires a value of a setting of the chosen provider. */
export const requiredBy =
  (name: Provider, codec: Schema.Constraint): Rule<string | undefined> =>
  (value, { read }) =>
    value === undefined &&
    read(provider).value === name && ["nothing", `${expectedBy(codec)}; required by TBG_AUTH_PROVIDER=${name}`]

/** Requires a number that does not exceed the one of another row, unless that row is invalid. */
export const atMost =
  (maximum: Row<number>): Rule<number> =>
  (value, { read }) => {
    const { problem, value: bound } = read(maximum)
    return problem === undefined && value > bound && [`"${value}"`, `at most ${maximum.env}, which is ${bound}`]
  }
