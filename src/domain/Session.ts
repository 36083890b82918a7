import { Schema } from "effect"
import type { Redacted } from "effect"
import type { AccountId } from "./Account.ts"
import { Uuid } from "./Text.ts"

export const SessionId = Uuid.pipe(Schema.brand("SessionId"))
export type SessionId = typeof SessionId.Type

/** Id of an access or refresh token, which the token contains. */
export const SessionTokenId = Uuid.pipe(Schema.brand("SessionTokenId"))
export type SessionTokenId = typeof SessionTokenId.Type

/** Sender of a valid access token. */
export interface SignedInCaller {
  readonly accountId: AccountId
  readonly sessionId: SessionId
}

/** A session as its owner lists it. */
export const Session = Schema.Struct({
  id: SessionId,
  createdAt: Schema.DateTimeUtc,
  /** At most a minute behind. */
  lastUsedAt: Schema.DateTimeUtc,
  userAgent: Schema.NullOr(Schema.String)
})
export type Session = typeof Session.Type

/** New tokens of a session. They are not stored, so they cannot be read again. */
export interface TokenPair {
  readonly accessToken: Redacted.Redacted
  readonly refreshToken: Redacted.Redacted
}

/** Reason for refusing a token, for the log only. `reused` also revokes the session. */
export const TokenFault = Schema.Literals(["malformed", "unknown", "expired", "revoked", "reused"])
export type TokenFault = typeof TokenFault.Type

export class TokenRefused extends Schema.TaggedError<TokenRefused>()("TokenRefused", { fault: TokenFault }) {}

export class SessionNotFound extends Schema.TaggedError<SessionNotFound>()("SessionNotFound", { id: SessionId }) {}
