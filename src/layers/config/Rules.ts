import { Redacted, Schema } from "effect"
import { Provider } from "../../domain/Identity.ts"
import { boolean, oneOf } from "./Codecs.ts"
import { expectedBy, row } from "./Row.ts"
import type { Context, Row, Rule } from "./Row.ts"

export const Environment = Schema.Literals(["development", "test", "staging", "production"])
export type Environment = typeof Environment.Type

export const environment = row("TBG_ENVIRONMENT", oneOf(...Environment.literals), "development", {
  doc: "Environment; other defaults depend on it."
})

/** Staging and production have no default stores or secrets. */
export const isDeployed = (environment: Environment): boolean =>
  environment === "staging" || environment === "production"

export const onDeployed = ({ read }: Context) => isDeployed(read(environment).value)
export const onProduction = ({ read }: Context) => read(environment).value === "production"

export const debug = row("TBG_DEBUG", boolean, false, {
  doc: "Enables the docs and DEBUG logs by default; not allowed in production.",
  rule: (isOn, context) => isOn && onProduction(context) && ["true", "false in production"]
})

export const provider = row("TBG_AUTH_PROVIDER", oneOf("none", ...Provider.literals), "none", {
  doc: "Issuer of the tokens accepted by /api/v1/me."
})

/** Rejects embedded stores in staging and production, because replicas do not share them. */
export const refuseEmbedded =
  (expected: string): Rule<{ readonly _tag: string }> =>
  (target, context) =>
    target._tag === "Embedded" && onDeployed(context) && ["an embedded store", `${expected} in staging and production`]

/** Refuses an embedded store unless it is the value of another row, whose own rule refuses it. */
export const refuseEmbeddedBeside =
  (other: Row<{ readonly _tag: string }>, expected: string): Rule<{ readonly _tag: string }> =>
  (target, context) =>
    context.read(other).value._tag !== "Embedded" && refuseEmbedded(expected)(target, context)

/** Secret in development and test; it is published here, so it is rejected elsewhere. */
export const developmentSecret = Redacted.make("tbg-api-published-value-that-protects-nothing")

/** Words in example secrets. Random secrets contain none of them. */
const placeholders =
  /change(me|this|it|in|before)|replace(me|this|with)|placeholder|your(own|super|strong|new|random|jwt|bit|app|api)*(secret|key|password)|supersecret|insecure|unsafe|(secret|password|example|default|development|testing?|key){3}/

/** Whether a secret was published, by this service or another. */
export const isPlaceholder = (key: Redacted.Redacted): boolean => {
  const text = Redacted.value(key)
  return (
    text.includes(Redacted.value(developmentSecret)) || placeholders.test(text.toLowerCase().replaceAll(/[^a-z]/g, ""))
  )
}

export const refusePublished: Rule<Redacted.Redacted | undefined> = (key, context) =>
  key !== undefined &&
  isPlaceholder(key) &&
  onDeployed(context) && [
    "a published placeholder, redacted",
    "a secret of your own in staging and production, such as `openssl rand -hex 32` prints"
  ]

/** Requires a setting if its provider is chosen. */
export const requiredBy =
  (name: Provider, codec: Schema.Constraint): Rule<string | undefined> =>
  (value, { read }) =>
    value === undefined &&
    read(provider).value === name && ["nothing", `${expectedBy(codec)}; required by TBG_AUTH_PROVIDER=${name}`]

/** Requires at most the value of another row, unless that row is invalid. */
export const atMost =
  (maximum: Row<number>): Rule<number> =>
  (value, { read }) => {
    const { problem, value: bound } = read(maximum)
    return problem === undefined && value > bound && [`"${value}"`, `at most ${maximum.env}, which is ${bound}`]
  }
