import { Effect, Redacted } from "effect"
import type { ApiKeyId } from "../domain/ApiKey.ts"
import { ApiKeys } from "../services/ApiKeys.ts"
import { Output, OutputFailed } from "./Output.ts"

/** Prints a new key, and revokes it if printing fails. */
export const printKey = Effect.fnUntraced(function* (id: ApiKeyId, token: Redacted.Redacted) {
  const { print } = yield* Output
  const { revoke } = yield* ApiKeys
  yield* Effect.catchTag(print(Redacted.value(token)), "OutputFailed", ({ message }) =>
    Effect.andThen(
      Effect.ignore(revoke(id)),
      Effect.fail(new OutputFailed({ message: `${message}; the new key ${id} was revoked` }))
    )
  )
})
