import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { configFrom, rejectedVariables } from "../support/ConfigFrom.ts"

const authIn = (variables: Record<string, string>) => Effect.map(configFrom(variables), ({ auth }) => auth)

describe("TBG_AUTH_PROVIDER", () => {
  it.effect("derives issuer, keys and algorithms for supabase", () =>
    Effect.gen(function* () {
      const auth = yield* authIn({ TBG_AUTH_PROVIDER: "supabase", TBG_SUPABASE_URL: "https://ref.supabase.co/" })
      assert.deepStrictEqual(auth, {
        provider: "supabase",
        issuer: "https://ref.supabase.co/auth/v1",
        jwksUrl: "https://ref.supabase.co/auth/v1/.well-known/jwks.json",
        audience: undefined,
        algorithms: ["ES256", "RS256"]
      })
    })
  )

  it.effect("derives keys and algorithms for clerk", () =>
    Effect.gen(function* () {
      const auth = yield* authIn({ TBG_AUTH_PROVIDER: "clerk", TBG_CLERK_ISSUER: "https://clerk.example" })
      assert.deepStrictEqual(auth, {
        provider: "clerk",
        issuer: "https://clerk.example",
        jwksUrl: "https://clerk.example/.well-known/jwks.json",
        audience: undefined,
        algorithms: ["RS256"]
      })
    })
  )

  it.effect("keeps every setting for custom, and the issuer character by character", () =>
    Effect.gen(function* () {
      const auth = yield* authIn({
        TBG_AUTH_PROVIDER: "custom",
        TBG_OAUTH_ISSUER: "https://id.example/",
        TBG_OAUTH_JWKS_URL: "https://id.example/keys?p=1",
        TBG_OAUTH_AUDIENCE: "tbg",
        TBG_OAUTH_ALGORITHMS: `["ES384"]`
      })
      assert.deepStrictEqual(auth, {
        provider: "custom",
        issuer: "https://id.example/",
        jwksUrl: "https://id.example/keys?p=1",
        audience: "tbg",
        algorithms: ["ES384"]
      })
    })
  )

  it.effect("ignores the settings of other providers", () =>
    Effect.gen(function* () {
      const { issuer, jwksUrl } = yield* authIn({ TBG_SUPABASE_URL: "https://ref.supabase.co" })
      assert.deepStrictEqual([issuer, jwksUrl], [undefined, undefined])
    })
  )

  for (const [provider, variables] of [
    ["supabase", ["TBG_SUPABASE_URL"]],
    ["clerk", ["TBG_CLERK_ISSUER"]],
    ["custom", ["TBG_OAUTH_ISSUER", "TBG_OAUTH_JWKS_URL"]]
  ] as const) {
    it.effect(`names the settings that ${provider} requires`, () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* rejectedVariables({ TBG_AUTH_PROVIDER: provider }), [...variables])
      })
    )
  }
})
