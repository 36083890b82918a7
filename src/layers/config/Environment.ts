import { Schema } from "effect"
import type { Redacted } from "effect"
import { oneOf } from "./Codecs.ts"
import { row } from "./Row.ts"
import type { Context } from "./Row.ts"
import { isPlaceholder } from "./Secret.ts"

export const Environment = Schema.Literals(["development", "test", "staging", "production"])
export type Environment = typeof Environment.Type

export const environment = row("TBG_ENVIRONMENT", oneOf(...Environment.literals), "development", {
  doc: "Where this runs; other defaults depend on it."
})

/** Returns whether others rely on this environment. Only the other environments have default stores and secrets. */
export const isDeployed = (environment: Environment): boolean =>
  environment === "staging" || environment === "production"

export const onDeployed = ({ read }: Context) => isDeployed(read(environment).value)
export const onProduction = ({ read }: Context) => read(environment).value === "production"

/** Embedded stores lose their data with the process and share it with no other. */
export const refuseEmbedded = (wanted: string) => (target: { readonly _tag: string }, context: Context) =>
  target._tag === "Embedded" && onDeployed(context)
    ? { found: "an embedded store", wanted: `${wanted} in staging and production` }
    : undefined

export const refusePublished = (key: Redacted.Redacted | undefined, context: Context) =>
  key !== undefined && isPlaceholder(key) && onDeployed(context)
    ? {
        found: "a published placeholder, redacted",
        wanted: "a secret of your own in staging and production, such as `openssl rand -hex 32` prints"
      }
    : undefined
