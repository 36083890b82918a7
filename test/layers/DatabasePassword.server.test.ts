import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { writeFileSync } from "node:fs"
import { databaseAt, probe } from "../support/TestDatabaseLayer.ts"
import { testClient } from "../support/TestDatabase.ts"
import { throwawayPostgresWith } from "../support/ThrowawayPostgres.ts"

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

describe("a database password", () => {
  it.live.each([
    { method: "SCRAM", rule: "scram-sha-256", encryption: "scram-sha-256" },
    { method: "MD5", rule: "md5", encryption: "md5" },
    { method: "clear text", rule: "password", encryption: "scram-sha-256" }
  ])("is accepted over $method, whatever its characters", ({ encryption, rule }) =>
    Effect.gen(function* () {
      const server = yield* throwawayPostgresWith({ settings: { password_encryption: encryption } })
      yield* Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const [rules] = Object.values(Object((yield* sql`SHOW hba_file`)[0]))
        writeFileSync(String(rules), `host all postgres all scram-sha-256\nhost all all all ${rule}\n`)
        for (const [place, password] of passwords.entries()) {
          yield* sql.unsafe(`CREATE ROLE user${place} LOGIN PASSWORD '${password}'`)
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
