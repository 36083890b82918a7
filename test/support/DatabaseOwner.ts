import { Effect, Redacted } from "effect"
import type { Scope } from "effect"
import { SqlClient } from "effect/sql"
import { freshDatabase, testClient } from "./TestDatabase.ts"

/** Who owns the tables of teams: a superuser, one who may make roles, or one who may not. */
export type Owner = "superuser" | "creator" | "plain"

const attributes = { creator: "CREATEROLE", plain: "NOCREATEROLE" } as const

/** A database of this scope's own, as a role logs in to it that owns what it makes there. */
export const databaseOf = (owner: Owner): Effect.Effect<Redacted.Redacted, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { name, url } = yield* freshDatabase
    if (owner === "superuser") return url
    const role = `owner_${name}`
    const run = (statements: ReadonlyArray<string>) =>
      Effect.flatMap(SqlClient.SqlClient, (sql) =>
        Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
      ).pipe(Effect.provide(testClient(url)), Effect.orDie)
    yield* Effect.acquireRelease(
      run([
        `CREATE ROLE ${role} LOGIN PASSWORD '${name}' ${attributes[owner]}`,
        `GRANT CREATE, USAGE ON SCHEMA public TO ${role}`,
        `GRANT CREATE ON DATABASE ${name} TO ${role}`
      ]),
      () => run([`DROP OWNED BY ${role} CASCADE`, `DROP ROLE ${role}`])
    )
    const own = new URL(Redacted.value(url))
    own.username = role
    own.password = name
    return Redacted.make(own.href)
  })
