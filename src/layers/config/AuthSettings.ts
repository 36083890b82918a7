import { Provider } from "../../domain/Identity.ts"
import type { SignatureAlgorithm } from "../../domain/Identity.ts"
import type { Problem } from "./ConfigInvalid.ts"
import { oneOf, optional, text } from "./Kind.ts"
import { algorithms } from "./ListKinds.ts"
import { setting } from "./Setting.ts"
import type { Setting } from "./Setting.ts"
import { httpUrl, httpUrlWithQuery } from "./Url.ts"

/** How bearer tokens of users are checked (contract section 6, `TBG_AUTH_PROVIDER`). */
export const authSettings = {
  provider: setting(
    "TBG_AUTH_PROVIDER",
    oneOf("none", ...Provider.literals),
    "none",
    "Who issues the tokens that /api/v1/me takes."
  ),
  supabaseUrl: setting("TBG_SUPABASE_URL", optional(httpUrl), undefined, "supabase: the project's address."),
  clerkIssuer: setting("TBG_CLERK_ISSUER", optional(httpUrl), undefined, "clerk: the issuer of the tokens."),
  oauthIssuer: setting(
    "TBG_OAUTH_ISSUER",
    optional(httpUrl),
    undefined,
    "custom: the issuer of the tokens, to the letter."
  ),
  oauthJwksUrl: setting("TBG_OAUTH_JWKS_URL", optional(httpUrlWithQuery), undefined, "custom: where its keys are."),
  audience: setting("TBG_OAUTH_AUDIENCE", optional(text), undefined, "The audience that a token must name, if any."),
  algorithms: setting("TBG_OAUTH_ALGORITHMS", algorithms, ["RS256"], "custom: how tokens may be signed.")
}

type ValueIn<S> = S extends Setting<infer A> ? A : never
/** What the variables say. */
export type AuthValues = { readonly [K in keyof typeof authSettings]: ValueIn<(typeof authSettings)[K]> }

const withoutSlash = (url: string | undefined): string | undefined => url?.replace(/\/+$/, "")
const under = (url: string | undefined, path: string): string | undefined =>
  url === undefined ? undefined : url + path

/** The issuer, where its keys are and how it signs: derived for supabase and clerk, as set for `custom`. */
export const authOf = ({ audience, provider, ...values }: AuthValues) => {
  const issuer = {
    none: undefined,
    supabase: under(withoutSlash(values.supabaseUrl), "/auth/v1"),
    clerk: withoutSlash(values.clerkIssuer),
    custom: values.oauthIssuer
  }[provider]
  const jwksUrl = provider === "custom" ? values.oauthJwksUrl : under(issuer, "/.well-known/jwks.json")
  const signatures: Record<typeof provider, ReadonlyArray<SignatureAlgorithm>> = {
    none: [],
    supabase: ["ES256", "RS256"],
    clerk: ["RS256"],
    custom: values.algorithms
  }
  return { provider, issuer, jwksUrl, audience, algorithms: signatures[provider] }
}

/** The settings without which a provider cannot be used. */
const requiredBy = {
  none: [],
  supabase: ["supabaseUrl"],
  clerk: ["clerkIssuer"],
  custom: ["oauthIssuer", "oauthJwksUrl"]
} as const

/** A problem for each setting that the chosen provider wants and that has no value. */
export const missingForProvider = (values: AuthValues): ReadonlyArray<Problem> =>
  requiredBy[values.provider]
    .filter((name) => values[name] === undefined)
    .map((name) => ({
      variable: authSettings[name].variable,
      found: "nothing",
      wanted: `${authSettings[name].wanted}; required by TBG_AUTH_PROVIDER=${values.provider}`
    }))
