import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { isSqlError } from "effect/sql/SqlError"
import { MigrationRefused } from "./MigrationRefused.ts"

const decodeRole = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ role: Schema.String })]))

/** The role of the session, quoted. */
const currentRole = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [{ role }] = yield* Effect.flatMap(sql`SELECT current_user AS role`, decodeRole)
  return `"${role.replaceAll('"', '""')}"`
}).pipe(Effect.orDie)

const isDenied = (error: unknown): boolean => isSqlError(error) && error.reason._tag === "AuthorizationError"

/** Runs DDL; if the role lacks rights, fails with the statements for an administrator. */
export const orAdministrator = <A, E, R>(
  ddl: Effect.Effect<A, E, R>,
  refusal: { readonly what: string; readonly statements: (role: string) => ReadonlyArray<string> }
) =>
  Effect.gen(function* () {
    // Checked first, because a failure aborts the transaction.
    const role = yield* currentRole
    return yield* Effect.catchIf(ddl, isDenied, () => {
      const statements = refusal.statements(role).map((statement) => `${statement};`)
      return new MigrationRefused({
        message: `migrations: the role ${role} ${refusal.what}; nothing was changed. An administrator must run:\n${statements.join("\n")}`
      })
    })
  })
