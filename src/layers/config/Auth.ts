import type { Schema } from "effect"
import { Provider } from "../../domain/Identity.ts"
import type { SignatureAlgorithm } from "../../domain/Identity.ts"
import { oneOf, text } from "./Codecs.ts"
import { algorithms } from "./Lists.ts"
import { expectedBy, optional, row } from "./Row.ts"
import type { Context, ValuesOf } from "./Row.ts"
import { httpUrl, httpUrlWithQuery } from "./Url.ts"

const provider = row("TBG_AUTH_PROVIDER", oneOf("none", ...Provider.literals), "none", {
  doc: "Who issues the tokens that /api/v1/me takes."
})

const requiredBy =
  (name: Provider, codec: Schema.Constraint) =>
  (value: string | undefined, { read }: Context) =>
    value === undefined && read(provider).value === name
      ? { found: "nothing", wanted: `${expectedBy(codec)}; required by TBG_AUTH_PROVIDER=${name}` }
      : undefined

/** How bearer tokens of users are checked (contract section 6, `TBG_AUTH_PROVIDER`). */
export const authRows = {
  provider,
  supabaseUrl: optional("TBG_SUPABASE_URL", httpUrl, {
    doc: "supabase: the project's address.",
    rule: requiredBy("supabase", httpUrl)
  }),
  clerkIssuer: optional("TBG_CLERK_ISSUER", httpUrl, {
    doc: "clerk: the issuer of the tokens.",
    rule: requiredBy("clerk", httpUrl)
  }),
  oauthIssuer: optional("TBG_OAUTH_ISSUER", httpUrl, {
    doc: "custom: the issuer of the tokens, to the letter.",
    rule: requiredBy("custom", httpUrl)
  }),
  oauthJwksUrl: optional("TBG_OAUTH_JWKS_URL", httpUrlWithQuery, {
    doc: "custom: where its keys are.",
    rule: requiredBy("custom", httpUrlWithQuery)
  }),
  audience: optional("TBG_OAUTH_AUDIENCE", text, { doc: "The audience that a token must name, if any." }),
  algorithms: row("TBG_OAUTH_ALGORITHMS", algorithms, ["RS256"], { doc: "custom: how tokens may be signed." })
}

interface Signing {
  readonly issuer: string | undefined
  readonly jwksUrl: string | undefined
  readonly algorithms: ReadonlyArray<SignatureAlgorithm>
}

const withKeys = (issuer: string | undefined, algorithms: Signing["algorithms"]): Signing => ({
  issuer,
  jwksUrl: issuer === undefined ? undefined : `${issuer}/.well-known/jwks.json`,
  algorithms
})

/** Returns issuer, keys and algorithms: derived for supabase and clerk, as set for `custom`. */
export const authOf = ({ audience, provider, ...values }: ValuesOf<typeof authRows>) => {
  const under = (url: string | undefined, path: string) => url && url.replace(/\/+$/, "") + path
  const signing: Record<typeof provider, Signing> = {
    none: withKeys(undefined, []),
    supabase: withKeys(under(values.supabaseUrl, "/auth/v1"), ["ES256", "RS256"]),
    clerk: withKeys(under(values.clerkIssuer, ""), ["RS256"]),
    custom: { issuer: values.oauthIssuer, jwksUrl: values.oauthJwksUrl, algorithms: values.algorithms }
  }
  return { provider, audience, ...signing[provider] }
}
