import { Effect, Option } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"

const isConflict = ({ reason }: SqlError): boolean => reason._tag === "SerializationError"

const maxRetries = 20

/** Retries serialization failures, which occur only if the default isolation is stricter than READ COMMITTED. */
export type Write = <A, R>(statement: Effect.Effect<A, SqlError, R>) => Effect.Effect<A, SqlError, R>

export const writes = Effect.map(
  SqlClient.SqlClient,
  (sql): Write =>
    (statement) =>
      Effect.flatMap(Effect.serviceOption(sql.transactionService), (transaction) =>
        Option.isSome(transaction) ? statement : Effect.retry(statement, { times: maxRetries, while: isConflict })
      )
)
