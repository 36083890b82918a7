import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { BaselineRefused } from "./BaselineRefused.ts"

const decodeEncoding = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ encoding: Schema.String })]))

export const databaseEncoding = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql`SELECT pg_catalog.current_setting('server_encoding') AS encoding`
  const [{ encoding }] = yield* Effect.orDie(decodeEncoding(rows))
  return encoding
})

/** Any other encoding lacks characters that callers send, or counts bytes as characters. */
export const requiredEncoding = "UTF8"

/** Fails unless the database can store every text that the contract allows. */
export const verifyEncoding = Effect.flatMap(databaseEncoding, (encoding) =>
  encoding === requiredEncoding
    ? Effect.void
    : Effect.fail(
        BaselineRefused.of(
          `the database has the encoding ${encoding}, expected ${requiredEncoding}; nothing was changed`,
          []
        )
      )
)
