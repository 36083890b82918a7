import { Redacted, Result } from "effect"
import type { Kind } from "./Kind.ts"
import { ignoredIn, sslModeNames, tlsIn } from "./DatabaseParameters.ts"
import type { TlsSettings } from "./DatabaseParameters.ts"
import { addressOf, foundInUrl } from "./Url.ts"
import type { Address } from "./Url.ts"

/** Where the data is: in this process (in memory, or kept in `folder`), or on a server. */
export type DatabaseTarget =
  | { readonly _tag: "Embedded"; readonly folder: string | undefined }
  | {
      readonly _tag: "Postgres"
      /** With the scheme `postgresql://` and only the parameters that the driver reads. */
      readonly url: Redacted.Redacted
      /** A name, an address, or the folder of a Unix socket. */
      readonly host: string
      readonly port: number
      readonly database: string
      readonly username: string | undefined
      readonly tls: TlsSettings
      /** Warnings about parameters without effect. */
      readonly ignored: ReadonlyArray<string>
    }

/** URLs may leave the host out between a user and a path, where it is a parameter; the parser wants one. */
const withHost = (text: string): string => text.replace(/^([^:]+:\/\/[^/?#]*@)(?=[:/?]|$)/, "$1localhost")

/** Parts of a URL that the driver reads. */
const driverParameters = new Set(["host", "port", "user", "password", "dbname", "options"])

const forDriver = (url: URL): string => {
  const own = new URL(url)
  own.protocol = "postgresql:"
  for (const name of new Set(url.searchParams.keys())) if (!driverParameters.has(name)) own.searchParams.delete(name)
  return own.href
}

const postgresOf = ({ url, ...address }: Address): Result.Result<DatabaseTarget, string> => {
  const { searchParams } = url
  const port = Number(searchParams.get("port") ?? address.port)
  const username = searchParams.get("user") ?? address.username
  // As libpq does: without a name the database is the user's.
  const database = searchParams.get("dbname") ?? (address.path || username)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return Result.fail(foundInUrl.badParameter)
  if (database === "") return Result.fail(foundInUrl.noName)
  return Result.map(tlsIn(searchParams), (tls) => ({
    _tag: "Postgres",
    url: Redacted.make(forDriver(url)),
    host: searchParams.get("host") ?? (address.host || "localhost"),
    port,
    database,
    username: username || undefined,
    tls,
    ignored: ignoredIn(searchParams)
  }))
}

/** `TBG_DATABASE_URL` (contract section 6). */
export const databaseTarget: Kind<DatabaseTarget> = {
  wanted: `postgresql://USER:PASSWORD@HOST:PORT/DATABASE (sslmode one of ${sslModeNames}), embedded or embedded:PATH`,
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
