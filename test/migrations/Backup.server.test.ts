import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import type { SqlClient } from "effect/sql"
import { join } from "node:path"
import { ApiKeys } from "../../src/services/ApiKeys.ts"
import { Posts } from "../../src/services/Posts.ts"
import { commandResult } from "../support/CommandResult.ts"
import { databaseOf } from "../support/DatabaseOwner.ts"
import { previousTables } from "../support/PreviousLayout.ts"
import { newKey } from "../support/ApiKeysSuite.ts"
import { sqlServices, teamMigrationsUp, textOf } from "../support/MigratedServices.ts"
import { temporaryFolder } from "../support/EmbeddedFolder.ts"
import { testClient } from "../support/TestDatabase.ts"
import { databaseAt } from "../support/TestDatabaseLayer.ts"
import { run } from "../support/TestMigrations.ts"

const majorOf = (text: string): number => Number(/\d+/.exec(text)?.[0] ?? 0)

/** Reason to skip: pg_dump is missing or older than the server. */
const obstacle = Effect.gen(function* () {
  const { code, stdout } = yield* commandResult("pg_dump", ["--version"])
  if (code !== 0) return "pg_dump: not on the PATH (Debian's package postgresql-client has it)"
  const [server] = yield* run("SELECT current_setting('server_version') AS version")
  const [program, database] = [majorOf(stdout), majorOf(String(Object(server).version))]
  return program < database ? `pg_dump: version ${program} for a server of version ${database}` : undefined
})

const rows = Effect.forEach(previousTables, (table) =>
  run(`SELECT to_jsonb(t) AS row FROM tbg_api.${table} t ORDER BY 1`)
)

describe("a backup by the tables' owner without superuser and BYPASSRLS", () => {
  it.live("contains every row, and works after a restore", (context) =>
    Effect.gen(function* () {
      const [url, other] = yield* Effect.all([databaseOf("creator"), databaseOf("creator")])
      const as =
        (owner: Redacted.Redacted) =>
        <A, E>(effect: Effect.Effect<A, E, SqlClient.SqlClient>) =>
          Effect.provide(effect, testClient(owner))
      const reason = yield* as(url)(obstacle)
      context.skip(reason !== undefined, reason)
      yield* as(url)(teamMigrationsUp)
      const services = (owner: Redacted.Redacted) => [sqlServices, databaseAt(Redacted.value(owner))] as const
      const written = Effect.gen(function* () {
        const { team, token } = yield* newKey()
        const { create, list } = yield* Posts
        yield* Effect.forEach([1, 2, 3], () => create(team.id, textOf({ tags: ["a"] })))
        return { team, token, page: yield* list(team.id, { limit: 10, offset: 0 }) }
      })
      const { page, team, token } = yield* written.pipe(
        Effect.provide(services(url)[0]),
        Effect.provide(services(url)[1])
      )
      const file = join(yield* temporaryFolder, "tbg.dump")
      const source = Redacted.value(url)
      const dumped = yield* commandResult("pg_dump", ["--format=custom", "--schema=tbg_api", `--file=${file}`, source])
      assert.deepStrictEqual([dumped.code, dumped.stderr], [0, ""])
      const target = `--dbname=${Redacted.value(other)}`
      const restored = yield* commandResult("pg_restore", ["--exit-on-error", "--no-owner", target, file])
      assert.deepStrictEqual([restored.code, restored.stderr], [0, ""])
      assert.deepStrictEqual(yield* as(other)(rows), yield* as(url)(rows))
      const afterwards = Effect.gen(function* () {
        const { authenticate } = yield* ApiKeys
        const { create, list } = yield* Posts
        assert.strictEqual((yield* authenticate(token)).team.id, team.id)
        assert.deepStrictEqual(yield* list(team.id, { limit: 10, offset: 0 }), page)
        yield* create(team.id, textOf())
        assert.strictEqual((yield* list(team.id, { limit: 1, offset: 0 })).total, 4)
      })
      yield* afterwards.pipe(Effect.provide(services(other)[0]), Effect.provide(services(other)[1]))
    })
  )
})
