import { Schema } from "effect"
import { addressOf, codec, Port, redacted } from "./Codecs.ts"

const SslMode = Schema.Literals(["disable", "allow", "prefer", "require", "verify-ca", "verify-full"])

/** Location of the database: in this process (in memory, or in `folder`), or on a server. */
const DatabaseTarget = Schema.Union([
  Schema.TaggedStruct("Embedded", { folder: Schema.UndefinedOr(Schema.String) }),
  Schema.TaggedStruct("Postgres", {
    /** Name, address, or folder of a Unix socket. */
    host: Schema.String,
    port: Port,
    database: Schema.NonEmptyString,
    username: Schema.UndefinedOr(Schema.String),
    password: Schema.UndefinedOr(Schema.RedactedFromValue(Schema.String)),
    /** Command-line options for the server process. */
    options: Schema.UndefinedOr(Schema.RedactedFromValue(Schema.String)),
    /** TLS settings of libpq; certificates and keys are paths. */
    tls: Schema.Struct({
      mode: SslMode,
      /** Certificates of trusted authorities; `undefined` trusts the defaults of Node.js. */
      rootCert: Schema.UndefinedOr(Schema.String),
      cert: Schema.UndefinedOr(Schema.String),
      key: Schema.UndefinedOr(Schema.String),
      keyPassword: Schema.UndefinedOr(Schema.RedactedFromValue(Schema.String))
    }),
    ignored: Schema.Array(Schema.String)
  })
])
export type DatabaseTarget = typeof DatabaseTarget.Type

export const embeddedDatabase: DatabaseTarget = { _tag: "Embedded", folder: undefined }

/** Parameters of libpq that have an effect. */
const supported = "host port user password dbname options sslmode ssl sslrootcert sslcert sslkey sslpassword".split(" ")

/** Other parameters of libpq; a warning may show their names. */
const unsupported = (
  "application_name channel_binding client_encoding connect_timeout fallback_application_name gssdelegation " +
  "gssencmode gsslib hostaddr keepalives keepalives_count keepalives_idle keepalives_interval krbsrvname " +
  "load_balance_hosts max_protocol_version min_protocol_version passfile replication require_auth requirepeer " +
  "requiressl scram_client_key scram_server_key service servicefile ssl_max_protocol_version " +
  "ssl_min_protocol_version sslcertmode sslcompression sslcrl sslcrldir sslkeylogfile sslnegotiation sslsni " +
  "target_session_attrs tcp_user_timeout"
).split(" ")

/** Returns a warning for each unsupported parameter. Unknown names are hidden, because they may be part of a password. */
const ignoredIn = (names: Iterable<string>): ReadonlyArray<string> => {
  const ignored = [...names].filter((name) => !supported.includes(name))
  const shown = new Set(
    ignored.map((name) => (unsupported.includes(name) ? `parameter ${name}` : "an unknown parameter"))
  )
  return [...shown].map((what) => `TBG_DATABASE_URL: ${what} is not supported and has no effect`)
}

const tlsOf = (parameter: (name: string) => string | undefined) => {
  const rootCert = parameter("sslrootcert")
  // System authorities sign for anyone, so libpq requires the host name to be verified too.
  const isSystem = rootCert === "system"
  const mode = parameter("sslmode") ?? parameter("ssl") ?? (isSystem ? "verify-full" : "prefer")
  if (isSystem && mode !== "verify-full") return undefined
  return {
    // `true` is the JDBC spelling, which libpq also accepts.
    mode: mode === "true" ? "require" : mode,
    rootCert: isSystem ? undefined : rootCert,
    cert: parameter("sslcert"),
    key: parameter("sslkey"),
    keyPassword: parameter("sslpassword")
  }
}

const postgresOf = (text: string) => {
  // The URL parser needs a host after credentials, and libpq does not.
  const address = addressOf(text.replace(/^([^:]+:\/\/[^/?#]*@)(?=[:/?]|$)/, "$1localhost"), 5432)
  if (address === undefined || !/^postgres(ql)?(\+\w+)?:$/.test(address.url.protocol)) return undefined
  const { host, password, path, port, url } = address
  // As in libpq, the last value of a parameter counts, and an empty one counts as unset.
  const parameter = (name: string) => url.searchParams.getAll(name).findLast((value) => value !== "")
  const username = parameter("user") ?? address.username
  return {
    _tag: "Postgres",
    host: parameter("host") ?? (host || "localhost"),
    port: Number(parameter("port") ?? port),
    // As in libpq, the database is named after the user by default.
    database: parameter("dbname") ?? (path || username),
    username: username || undefined,
    password: parameter("password") ?? (password || undefined),
    options: parameter("options"),
    tls: tlsOf(parameter),
    ignored: ignoredIn(url.searchParams.keys())
  }
}

/** Returns `host:port/database`, `embedded (in memory)` or `embedded (PATH)`; no user and no password. */
export const describeDatabase = (target: DatabaseTarget): string =>
  target._tag === "Postgres"
    ? `${target.host}:${target.port}/${target.database}`
    : `embedded (${target.folder ?? "in memory"})`

export const databaseUrl = codec(
  DatabaseTarget,
  `postgresql://USER:PASSWORD@HOST:PORT/DATABASE (sslmode one of ${SslMode.literals.join(", ")}), embedded or embedded:PATH`,
  {
    parse: (text) => {
      // A mistyped URL may contain a password, so it must not count as a folder.
      const [embedded, folder] = /^embedded(?::(?!.*:\/\/|\/\/)(.+))?$/.exec(text) ?? []
      return embedded === undefined ? postgresOf(text) : { _tag: "Embedded", folder }
    },
    show: (target) => {
      if (target._tag === "Postgres") return `postgresql://${describeDatabase(target)}`
      return target.folder === undefined ? "embedded" : `embedded:${target.folder}`
    },
    redacted
  }
)
