import { DateTime, Effect, Redacted } from "effect"
import { makeToken } from "../../src/services/apiKeys/Token.ts"
import { ApiKeyId } from "../../src/domain/ApiKey.ts"
import type { TwoTeams } from "./TestTeams.ts"

/** An `Authorization` value, and the team that it authenticates. */
interface Credential {
  readonly authorization: string | undefined
  readonly team: string | undefined
}

export const kinds = [
  "valid",
  "other team's",
  "revoked",
  "expired",
  "unknown",
  "known id, other secret",
  "wrong checksum",
  "malformed",
  "a token that is not of this service",
  "empty",
  "none",
  "another scheme"
] as const
type Kind = (typeof kinds)[number]

const tokenOf = (id: ApiKeyId) => Redacted.value(makeToken(id, () => 7))

/** A well-formed key that was never issued; `last` varies it by up to twelve hex digits. */
export const unknownToken = (last: string) =>
  tokenOf(ApiKeyId.make(`01926f3c-0000-7000-8000-${last.padStart(12, "0")}`))

/** Every kind of credential. */
export const credentialsOf = Effect.fnUntraced(function* ({ alpha, beta, newKey, revoke }: TwoTeams) {
  const revoked = yield* newKey(alpha)
  yield* revoke(revoked.keyId)
  const expired = yield* newKey(alpha, { expiresAt: DateTime.makeUnsafe(0) })
  const bad = (authorization: string | undefined): Credential => ({ authorization, team: undefined })
  const { token } = alpha
  return {
    valid: { authorization: `Bearer ${token}`, team: "alpha" },
    "other team's": { authorization: `Bearer ${beta.token}`, team: "beta" },
    revoked: bad(`Bearer ${revoked.token}`),
    expired: bad(`Bearer ${expired.token}`),
    unknown: bad(`Bearer ${unknownToken("1")}`),
    "known id, other secret": bad(`Bearer ${tokenOf(alpha.keyId)}`),
    "wrong checksum": bad(`Bearer ${token.slice(0, -1)}${token.endsWith("0") ? "1" : "0"}`),
    malformed: bad("Bearer tbg_nonsense"),
    "a token that is not of this service": bad("Bearer a.b.c"),
    empty: bad("Bearer "),
    none: bad(undefined),
    "another scheme": bad(`Basic ${Buffer.from(`alpha:${token}`).toString("base64")}`)
  } satisfies Record<Kind, Credential>
})
