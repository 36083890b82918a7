import { Redacted, Result, Schema } from "effect"
import { codec } from "./Codecs.ts"
import { ignoredIn, SslMode, tlsIn, TlsSettings } from "./DatabaseParameters.ts"
import { addressOf, foundInUrl } from "./Url.ts"
import type { Address } from "./Url.ts"

/** Location of the data: in this process (in memory, or kept in `folder`), or on a server. */
export const DatabaseTarget = Schema.Union([
  Schema.TaggedStruct("Embedded", { folder: Schema.UndefinedOr(Schema.String) }),
  Schema.TaggedStruct("Postgres", {
    /** With the scheme `postgresql://` and only the parameters that the driver reads. */
    url: Schema.Redacted(Schema.String),
    /** A name, an address, or the folder of a Unix socket. */
    host: Schema.String,
    port: Schema.Number,
    database: Schema.String,
    username: Schema.UndefinedOr(Schema.String),
    tls: TlsSettings,
    /** Warnings about parameters without effect. */
    ignored: Schema.Array(Schema.String)
  })
])
export type DatabaseTarget = typeof DatabaseTarget.Type

export const embeddedDatabase: DatabaseTarget = { _tag: "Embedded", folder: undefined }

/** Inserts a host between a user and a path. The URL parser needs one, and libpq allows it to be missing. */
const withHost = (text: string): string => text.replace(/^([^:]+:\/\/[^/?#]*@)(?=[:/?]|$)/, "$1localhost")

/** Parameters that the driver reads. */
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
  // As in libpq, the database is named after the user by default.
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

/** Returns `host:port/database`, `embedded (in memory)` or `embedded (PATH)`; no user and no password. */
export const describeDatabase = (target: DatabaseTarget): string =>
  target._tag === "Postgres"
    ? `${target.host}:${target.port}/${target.database}`
    : `embedded (${target.folder ?? "in memory"})`

/** `TBG_DATABASE_URL` (contract section 6). */
export const databaseUrl = codec(
  DatabaseTarget,
  `postgresql://USER:PASSWORD@HOST:PORT/DATABASE (sslmode one of ${SslMode.literals.join(", ")}), embedded or embedded:PATH`,
  (text) => {
    if (text === "embedded") return Result.succeed(embeddedDatabase)
    const folder = /^embedded:(.+)$/.exec(text)?.[1]
    // A mistyped URL may hold a password, and no folder has such a name.
    if (folder !== undefined && /:\/\/|^\/\//.test(folder)) return Result.fail(foundInUrl.malformed)
    if (folder !== undefined) return Result.succeed({ _tag: "Embedded", folder })
    const address = addressOf(withHost(text), 5432)
    if (address === undefined) return Result.fail(foundInUrl.malformed)
    return /^postgres(ql)?(\+\w+)?:$/.test(address.url.protocol)
      ? postgresOf(address)
      : Result.fail(foundInUrl.otherScheme)
  },
  (target) => {
    if (target._tag === "Postgres") return `postgresql://${describeDatabase(target)}`
    return target.folder === undefined ? "embedded" : `embedded:${target.folder}`
  }
)
