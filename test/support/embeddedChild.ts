/**
 * Opens the embedded database in the folder of its first argument, prints `open`, and inserts rows until it is killed,
 * printing each committed `id`. If the folder is in use, it exits with the error's message and code.
 */
import { NodeRuntime } from "@effect/platform-node"
import { PgClient } from "@effect/sql-pg"
import { Console, Effect } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { makeEmbeddedDatabase } from "../../src/layers/EmbeddedDatabase.ts"

const main = Effect.gen(function* () {
  const embedded = yield* makeEmbeddedDatabase({ folder: process.argv[2], statementTimeoutMs: 8000 })
  yield* Console.log("open")
  const sql = yield* PgClient.make({ ...embedded, maxConnections: 4 })
  yield* sql`CREATE TABLE IF NOT EXISTS written (id int PRIMARY KEY)`
  for (let id = 1; ; id++) {
    yield* sql`INSERT INTO written VALUES (${id})`
    yield* Console.log(String(id))
  }
})

main.pipe(
  Effect.scoped,
  Effect.provide(Reactivity.layer),
  Effect.tapError((error) => Console.log(error.message)),
  NodeRuntime.runMain({ disableErrorReporting: true })
)
