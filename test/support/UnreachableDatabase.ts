import { PgClient } from "@effect/sql-pg"
import { Effect, Layer } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { SqlClient } from "effect/sql"
import { ConnectionError, SqlError } from "effect/sql/SqlError"

const away = Effect.fail(
  new SqlError({ reason: new ConnectionError({ cause: new Error("away"), operation: "connect" }) })
)

/** An unreachable database. */
export const unreachableDatabase = Layer.effect(
  SqlClient.SqlClient,
  SqlClient.make({ driver: "pg", acquirer: away, compiler: PgClient.makeCompiler(), spanAttributes: [] })
).pipe(Layer.provide(Reactivity.layer))
