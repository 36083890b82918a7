import { Effect, Redacted } from "effect"
import type { Scope } from "effect"
import { runAll } from "./Catalog.ts"
import { freshDatabase, testClient } from "./TestDatabase.ts"

/**
 * Owner of the team tables: a superuser; a role that can create and grant tbg_api_team; a role that can create roles
 * but did not create that one; or a role that cannot create roles.
 */
export type Owner = "superuser" | "creator" | "stranger" | "plain"

const role = "tbg_api_team"

/** Roles are global to a server, so another test may create this one concurrently. */
const createRole = `DO $$ BEGIN CREATE ROLE ${role} NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`

const rights: Readonly<Record<Exclude<Owner, "superuser">, ReadonlyArray<string>>> = {
  creator: ["CREATEROLE", `GRANT ${role} TO $owner WITH ADMIN OPTION`],
  stranger: ["CREATEROLE"],
  plain: ["NOCREATEROLE"]
}

/** A separate database, accessed as a role that owns what it creates there. */
export const databaseOf = (owner: Owner): Effect.Effect<Redacted.Redacted, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { name, url } = yield* freshDatabase
    if (owner === "superuser") return url
    const role = `owner_${name}`
    const [attribute, ...grants] = rights[owner]
    const run = (statements: ReadonlyArray<string>) => Effect.orDie(Effect.provide(runAll(statements), testClient(url)))
    yield* Effect.acquireRelease(
      run([
        createRole,
        `CREATE ROLE ${role} LOGIN PASSWORD '${name}' ${attribute}`,
        `GRANT CREATE, USAGE ON SCHEMA public TO ${role}`,
        `GRANT CREATE ON DATABASE ${name} TO ${role}`,
        ...grants.map((grant) => grant.replace("$owner", role))
      ]),
      () => run([`DROP OWNED BY ${role} CASCADE`, `DROP ROLE ${role}`])
    )
    const own = new URL(Redacted.value(url))
    own.username = role
    own.password = name
    return Redacted.make(own.href)
  })
