import { Schema } from "effect"
import type { TeamId } from "./Team.ts"
import { lineOf, Uuid } from "./Text.ts"
import type { TeamName } from "./Text.ts"

export const ApiKeyId = Uuid.pipe(Schema.brand("ApiKeyId"))
export type ApiKeyId = typeof ApiKeyId.Type

export const Label = lineOf(100)

/** API key without its token. */
export const ApiKey = Schema.Struct({
  id: ApiKeyId,
  label: Schema.NullOr(Label),
  createdAt: Schema.DateTimeUtc,
  expiresAt: Schema.NullOr(Schema.DateTimeUtc),
  /** Updated at most once per minute. */
  lastUsedAt: Schema.NullOr(Schema.DateTimeUtc),
  revokedAt: Schema.NullOr(Schema.DateTimeUtc)
})
export type ApiKey = typeof ApiKey.Type

export interface Caller {
  readonly keyId: ApiKeyId
  readonly team: { readonly id: TeamId; readonly name: typeof TeamName.Type }
}

/** Reason why a key is rejected; only for the log. */
export const KeyFault = Schema.Literals(["malformed", "unknown", "expired", "revoked"])
export type KeyFault = typeof KeyFault.Type

export class KeyRefused extends Schema.TaggedError<KeyRefused>()("KeyRefused", { fault: KeyFault }) {}

export class ApiKeyNotFound extends Schema.TaggedError<ApiKeyNotFound>()("ApiKeyNotFound", { id: Schema.String }) {}
