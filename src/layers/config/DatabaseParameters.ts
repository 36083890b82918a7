import { Redacted, Result, Schema } from "effect"
import { foundInUrl } from "./Url.ts"

export const SslMode = Schema.Literals(["disable", "allow", "prefer", "require", "verify-ca", "verify-full"])

/** TLS settings of a connection, in the terms of libpq. Certificates and keys are files. */
export const TlsSettings = Schema.Struct({
  mode: SslMode,
  /** Certificates of trusted authorities; `undefined` trusts the defaults of Node.js. */
  rootCert: Schema.UndefinedOr(Schema.String),
  /** Our own certificate and its key. */
  cert: Schema.UndefinedOr(Schema.String),
  key: Schema.UndefinedOr(Schema.String),
  keyPassword: Schema.UndefinedOr(Schema.Redacted(Schema.String))
})

/** Parameters that this service or the driver reads. */
const supported = new Set(
  "sslmode ssl sslrootcert sslcert sslkey sslpassword host port user password dbname options".split(" ")
)

/** Other libpq parameters. Warnings name only these because an unknown name may be part of a password. */
const known = new Set(
  (
    "application_name channel_binding client_encoding connect_timeout fallback_application_name gssdelegation " +
    "gssencmode gsslib hostaddr keepalives keepalives_count keepalives_idle keepalives_interval krbsrvname " +
    "load_balance_hosts max_protocol_version min_protocol_version passfile replication require_auth requirepeer " +
    "requiressl scram_client_key scram_server_key service servicefile ssl_max_protocol_version " +
    "ssl_min_protocol_version sslcertmode sslcompression sslcrl sslcrldir sslkeylogfile sslnegotiation sslsni " +
    "target_session_attrs tcp_user_timeout"
  ).split(" ")
)

/** Returns a warning for each parameter that has no effect. */
export const ignoredIn = (parameters: URLSearchParams): ReadonlyArray<string> => {
  const ignored = [...new Set(parameters.keys())].filter((name) => !supported.has(name))
  const shown = ignored.map((name) => (known.has(name) ? `parameter ${name}` : "an unknown parameter"))
  return [...new Set(shown)].map((what) => `TBG_DATABASE_URL: ${what} is not supported and has no effect`)
}

/** Returns the TLS settings of a URL, with the defaults of libpq. */
export const tlsIn = (parameters: URLSearchParams): Result.Result<typeof TlsSettings.Type, string> => {
  const parameter = (name: string) => parameters.get(name) || undefined
  const rootCert = parameter("sslrootcert")
  // System authorities sign for anyone, so libpq requires the host name to be verified too.
  const isSystem = rootCert === "system"
  const name = parameter("sslmode") ?? parameter("ssl") ?? (isSystem ? "verify-full" : "prefer")
  // `true` is the JDBC spelling, which libpq also accepts.
  const mode = SslMode.literals.find((mode) => mode === (name === "true" ? "require" : name))
  if (mode === undefined || (isSystem && mode !== "verify-full")) return Result.fail(foundInUrl.badParameter)
  const password = parameter("sslpassword")
  return Result.succeed({
    mode,
    rootCert: isSystem ? undefined : rootCert,
    cert: parameter("sslcert"),
    key: parameter("sslkey"),
    keyPassword: password === undefined ? undefined : Redacted.make(password)
  })
}
