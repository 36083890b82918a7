import { Redacted, Result } from "effect"
import type { Kind } from "./Kind.ts"
import { addressOf, foundInUrl } from "./Url.ts"
import type { Address } from "./Url.ts"

/** Where the data is: in this process (in memory, or kept in `folder`), or on a server. */
export type DatabaseTarget =
  | { readonly _tag: "Embedded"; readonly folder: string | undefined }
  | {
      readonly _tag: "Postgres"
      /** With the scheme `postgresql://` and `sslmode`, whatever the variable said. */
      readonly url: Redacted.Redacted
      /** A name, an address, or the folder of a Unix socket. */
      readonly host: string
      readonly port: number
      readonly database: string
      readonly username: string | undefined
    }

const sslModes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]

/** URLs may leave the host out between a user and a path, where it is a parameter; the parser wants one. */
const withHost = (text: string): string => text.replace(/^([^:]+:\/\/[^/?#]*@)(?=[:/?]|$)/, "$1localhost")

/** As drivers understand it: our scheme, `sslmode` for `ssl`, and no timeout beside the one of the settings. */
const normalised = (url: URL): URL => {
  const sslMode = url.searchParams.get("sslmode") ?? url.searchParams.get("ssl")
  url.protocol = "postgresql:"
  url.searchParams.delete("ssl")
  url.searchParams.delete("connect_timeout")
  if (sslMode !== null) url.searchParams.set("sslmode", sslMode)
  return url
}

const postgresOf = ({ url, ...address }: Address): Result.Result<DatabaseTarget, string> => {
  const { searchParams } = normalised(url)
  const port = Number(searchParams.get("port") ?? address.port)
  const username = searchParams.get("user") ?? address.username
  // As libpq does: without a name the database is the user's.
  const database = searchParams.get("dbname") ?? (address.path || username)
  const validPort = Number.isInteger(port) && port >= 1 && port <= 65_535
  if (!validPort || !sslModes.includes(searchParams.get("sslmode") ?? "prefer")) {
    return Result.fail(foundInUrl.badParameter)
  }
  if (database === "") return Result.fail(foundInUrl.noName)
  return Result.succeed({
    _tag: "Postgres",
    url: Redacted.make(url.href),
    host: searchParams.get("host") ?? (address.host || "localhost"),
    port,
    database,
    username: username || undefined
  })
}

/** `TBG_DATABASE_URL` (contract section 6). */
export const databaseTarget: Kind<DatabaseTarget> = {
  wanted: `postgresql://USER:PASSWORD@HOST:PORT/DATABASE (sslmode one of ${sslModes.join(", ")}), embedded or embedded:PATH`,
  parse: (text) => {
    if (text === "embedded") return Result.succeed({ _tag: "Embedded", folder: undefined })
    const folder = /^embedded:(.+)$/.exec(text)?.[1]
    // A URL that was mistyped, and may hold a password: no folder has such a name.
    if (folder !== undefined && /:\/\/|^\/\//.test(folder)) return Result.fail(foundInUrl.malformed)
    if (folder !== undefined) return Result.succeed({ _tag: "Embedded", folder })
    const address = addressOf(withHost(text), 5432)
    if (address === undefined) return Result.fail(foundInUrl.malformed)
    return /^postgres(ql)?(\+\w+)?:$/.test(address.url.protocol)
      ? postgresOf(address)
      : Result.fail(foundInUrl.otherScheme)
  },
  show: (target) => {
    if (target._tag === "Postgres") return `postgresql://${describeDatabase(target)}`
    return target.folder === undefined ? "embedded" : `embedded:${target.folder}`
  }
}

/** `host:port/database`, `embedded (in memory)` or `embedded (PATH)`; no user and no password. */
export const describeDatabase = (target: DatabaseTarget): string =>
  target._tag === "Postgres"
    ? `${target.host}:${target.port}/${target.database}`
    : `embedded (${target.folder ?? "in memory"})`
