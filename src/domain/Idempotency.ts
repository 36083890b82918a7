import { Schema } from "effect"
import type { ApiKeyId } from "./ApiKey.ts"
import type { TeamId } from "./Team.ts"

export const IdempotencyKey = Schema.String.check(
  Schema.isPattern(/^[!-~]{1,255}$/u, {
    expected: "1 to 255 visible ASCII characters",
    description: "1 to 255 visible ASCII characters, such as a UUID; keys are scoped to your API key"
  })
)
export type IdempotencyKey = typeof IdempotencyKey.Type

export interface IdempotentRequest {
  readonly team: TeamId
  readonly apiKey: ApiKeyId
  readonly key: IdempotencyKey
  /** Method, path and body; a retry under the same key must send the same. */
  readonly request: string
}

export const RecordedResponse = Schema.Struct({
  status: Schema.Int,
  location: Schema.NullOr(Schema.String),
  body: Schema.String
})
export type RecordedResponse = typeof RecordedResponse.Type

/** Another write under this key has not finished. */
export class WriteInFlight extends Schema.TaggedError<WriteInFlight>()("WriteInFlight", {}) {}

/** The key was used for another write. */
export class KeyReused extends Schema.TaggedError<KeyReused>()("KeyReused", {}) {}

export interface IdempotentResponse {
  readonly response: RecordedResponse
  /** Whether it was recorded earlier, so that nothing was written now. */
  readonly replayed: boolean
}

export const responseLifetime = "24 hours"
