import { PgConnection } from "@effect/sql-pg"
import { Effect, Equal, Redacted } from "effect"
import { faultOfSqlError } from "./Fault.ts"

/** Spaces outside ASCII (RFC 3454, table C.1.2) become a space. */
const spaces = /[\u00A0\u1680\u2000-\u200B\u202F\u205F\u3000]/g
/** Characters mapped to nothing (RFC 3454, table B.1). */
const removed = /\u00AD|\u034F|\u1806|[\u180B-\u180D]|\u200C|\u200D|\u2060|[\uFE00-\uFE0F]|\uFEFF/g

/** Normalizes a password with SASLprep (RFC 4013), without its checks for prohibited characters. */
const saslPrep = (password: string): string =>
  password.replaceAll(spaces, " ").replaceAll(removed, "").normalize("NFKC")

/**
 * Returns the password in the form that the server accepts, because the driver does not normalize it. SCRAM normally
 * uses the normalized form, other methods never do. If the forms differ, each connection first tries the normalized one.
 */
export const acceptedPassword = (
  config: PgConnection.Config & { readonly password: Redacted.Redacted | undefined }
): PgConnection.Config["password"] => {
  const { password } = config
  const normalized = password && Redacted.make(saslPrep(Redacted.value(password)))
  if (!normalized || Equal.equals(normalized, password)) return password
  return Effect.match(Effect.scoped(PgConnection.make({ ...config, password: normalized })), {
    onFailure: (error) => (faultOfSqlError(error) === "denied" ? password : normalized),
    onSuccess: () => normalized
  })
}
