import { Schema } from "effect"
import type { ApiKeyId } from "./ApiKey.ts"
import type { TeamId } from "./Team.ts"

/** What a caller names a write with, so that trying it again does not do it again. */
export const IdempotencyKey = Schema.String.check(
  Schema.isPattern(/^[!-~]{1,255}$/u, {
    expected: "1 to 255 visible ASCII characters",
    description: "1 to 255 visible ASCII characters, such as a UUID; keys are scoped to your API key"
  })
)
export type IdempotencyKey = typeof IdempotencyKey.Type

/** A write under a key of its caller. */
export interface IdempotentAsk {
  readonly team: TeamId
  readonly apiKey: ApiKeyId
  readonly key: IdempotencyKey
  /** What is asked for, as bytes: under the same key it has to be the same. */
  readonly request: string
}

/** An answer as it was given, to be given again. */
export const RecordedAnswer = Schema.Struct({
  status: Schema.Int,
  location: Schema.NullOr(Schema.String),
  body: Schema.String
})
export type RecordedAnswer = typeof RecordedAnswer.Type

/** The first write under this key is not done yet. */
export class WriteInFlight extends Schema.TaggedError<WriteInFlight>()("WriteInFlight", {}) {}

/** The key was used for another write. */
export class KeyReused extends Schema.TaggedError<KeyReused>()("KeyReused", {}) {}

export interface Answered {
  readonly answer: RecordedAnswer
  /** It was given before, and nothing was written now. */
  readonly replayed: boolean
}

/** How long an answer is kept. */
export const answerLifetime = "24 hours"
