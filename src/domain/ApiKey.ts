import { Schema } from "effect"
import type { TeamId } from "./Team.ts"
import { lineOf, Uuid } from "./Text.ts"
import type { TeamName } from "./Text.ts"

export const ApiKeyId = Uuid.pipe(Schema.brand("ApiKeyId"))
export type ApiKeyId = typeof ApiKeyId.Type

/** What a team calls a key. */
export const Label = lineOf(100)

/** A key as its operators list it: all of it but the key. */
export const ApiKey = Schema.Struct({
  id: ApiKeyId,
  label: Schema.NullOr(Label),
  createdAt: Schema.DateTimeUtc,
  expiresAt: Schema.NullOr(Schema.DateTimeUtc),
  /** At most a minute behind. */
  lastUsedAt: Schema.NullOr(Schema.DateTimeUtc),
  revokedAt: Schema.NullOr(Schema.DateTimeUtc)
})
export type ApiKey = typeof ApiKey.Type

/** Whoever sent a valid key. */
export interface Caller {
  readonly keyId: ApiKeyId
  readonly team: { readonly id: TeamId; readonly name: typeof TeamName.Type }
}

/** Why a key is refused; for the log, because callers are not told. */
export const KeyFault = Schema.Literals(["malformed", "unknown", "expired", "revoked"])
export type KeyFault = typeof KeyFault.Type

export class KeyRefused extends Schema.TaggedError<KeyRefused>()("KeyRefused", { fault: KeyFault }) {}

export class ApiKeyNotFound extends Schema.TaggedError<ApiKeyNotFound>()("ApiKeyNotFound", { id: Schema.String }) {}
