import type { SignatureAlgorithm } from "../../domain/Identity.ts"
import type { ValuesOf } from "./Row.ts"
import type { table } from "./Table.ts"

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
export const authOf = ({ audience, provider, ...values }: ValuesOf<(typeof table)["auth"]>) => {
  const under = (url: string | undefined, path: string) => url && url.replace(/\/+$/, "") + path
  const signing: Record<typeof provider, Signing> = {
    none: withKeys(undefined, []),
    supabase: withKeys(under(values.supabaseUrl, "/auth/v1"), ["ES256", "RS256"]),
    clerk: withKeys(under(values.clerkIssuer, ""), ["RS256"]),
    custom: { issuer: values.oauthIssuer, jwksUrl: values.oauthJwksUrl, algorithms: values.algorithms }
  }
  return { provider, audience, ...signing[provider] }
}
