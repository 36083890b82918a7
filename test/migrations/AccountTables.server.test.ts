import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { down } from "../../migrations/0010_create_accounts_sessions.ts"
import { down as dropTickets } from "../../migrations/0012_create_live_tickets.ts"
import { playerDatabase } from "../support/PlayerDatabase.ts"
import { testClient } from "../support/TestDatabase.ts"

const tables = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql`SELECT relname FROM pg_class WHERE relnamespace = 'tbg_api'::regnamespace AND relkind = 'r'`
)

it.effect(
  "the migrations of accounts, sessions and live tickets create their tables, and rolling them back drops all of them",
  () =>
    Effect.gen(function* () {
      const { url } = yield* playerDatabase
      yield* Effect.gen(function* () {
        assert.strictEqual((yield* tables).length, 6)
        yield* dropTickets
        yield* down
        assert.deepStrictEqual(yield* tables, [])
      }).pipe(Effect.provide(testClient(url)))
    })
)
