import { assert, layer } from "@effect/vitest"
import { Context, Effect, Exit, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { writeFileSync } from "node:fs"
import { databaseAt, probe } from "../support/TestDatabaseLayer.ts"
import { testClient } from "../support/TestDatabase.ts"
import { throwawayPostgres } from "../support/ThrowawayPostgres.ts"
import type { ThrowawayPostgres } from "../support/ThrowawayPostgres.ts"

const passwords = [
  "letters",
  // Decomposed accents, a no-break space, a fraction and a soft hyphen.
  "cafe\u0301",
  "pass\u00A0word",
  "\u00BC",
  "pass\u00ADword",
  // SASLprep prohibits the emoji, so Postgres does not normalize the password.
  "\u00BC🎲",
  "пароль",
  "p@:/?#%&="
]

class Server extends Context.Service<Server, ThrowawayPostgres>()("tbg-api/test/PasswordServer") {
  static readonly layer = Layer.effect(Server, throwawayPostgres)
}

layer(Server.layer, { excludeTestServices: true })("a database password", (it) => {
  it.effect.each([
    { method: "SCRAM", rule: "scram-sha-256", encryption: "scram-sha-256" },
    { method: "MD5", rule: "md5", encryption: "md5" },
    { method: "clear text", rule: "password", encryption: "scram-sha-256" }
  ])("is accepted over $method, whatever its characters", ({ encryption, rule }) =>
    Effect.gen(function* () {
      const server = yield* Server
      yield* Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const [rules] = Object.values(Object((yield* sql`SHOW hba_file`)[0]))
        writeFileSync(String(rules), `host all postgres all scram-sha-256\nhost all all all ${rule}\n`)
        for (const [place, password] of passwords.entries()) {
          const statements = [
            `SET LOCAL password_encryption = '${encryption}'`,
            `DROP ROLE IF EXISTS user${place}`,
            `CREATE ROLE user${place} LOGIN PASSWORD '${password}'`
          ]
          yield* sql.withTransaction(Effect.forEach(statements, (statement) => sql.unsafe(statement)))
        }
        yield* sql`SELECT pg_reload_conf()`
      }).pipe(Effect.provide(testClient(Redacted.make(server.url))))
      for (const [place, password] of passwords.entries()) {
        const encoded = encodeURIComponent(password)
        for (const url of [
          `postgresql://user${place}:${encoded}@127.0.0.1:${server.port}/postgres`,
          `postgresql://user${place}@127.0.0.1:${server.port}/postgres?password=${encoded}`
        ]) {
          const exit = yield* Effect.exit(Effect.provide(probe, databaseAt(url)))
          assert.isTrue(Exit.isSuccess(exit), url)
        }
        const wrong = databaseAt(`postgresql://user${place}:${encoded}x@127.0.0.1:${server.port}/postgres`)
        assert.propertyVal(yield* Effect.flip(Effect.provide(probe, wrong)), "fault", "denied")
      }
    })
  )
})
