import { Redacted, Result } from "effect"
import { foundInUrl } from "./Url.ts"

const sslModes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] as const
export type SslMode = (typeof sslModes)[number]

/** How a connection is encrypted and verified, in the terms of libpq. */
export interface TlsSettings {
  readonly mode: SslMode
  /** File with the certificates of trusted authorities; `undefined` trusts those of Node.js. */
  readonly rootCert: string | undefined
  /** Files with our own certificate and its key. */
  readonly cert: string | undefined
  readonly key: string | undefined
  readonly keyPassword: Redacted.Redacted | undefined
}

/** Parameters that are read here, and those that the driver reads. */
const supported = new Set(
  "sslmode ssl sslrootcert sslcert sslkey sslpassword host port user password dbname options".split(" ")
)

/** The others of libpq. Only these are named in warnings: any other name may be a part of a password. */
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

/** The parameters that have no effect, one warning each. */
export const ignoredIn = (parameters: URLSearchParams): ReadonlyArray<string> => {
  const ignored = [...new Set(parameters.keys())].filter((name) => !supported.has(name))
  const shown = ignored.map((name) => (known.has(name) ? `parameter ${name}` : "a parameter that libpq does not know"))
  return [...new Set(shown)].map((what) => `TBG_DATABASE_URL: ${what} is not supported and has no effect`)
}

const modeIn = (text: string): SslMode | undefined => {
  // As JDBC has it, and libpq takes it.
  const name = text === "true" ? "require" : text
  return sslModes.find((mode) => mode === name)
}

/** The TLS settings of a URL, with the defaults of libpq. */
export const tlsIn = (parameters: URLSearchParams): Result.Result<TlsSettings, string> => {
  const parameter = (name: string) => parameters.get(name) || undefined
  const rootCert = parameter("sslrootcert")
  // The authorities that the system trusts sign for anyone, so libpq wants the name verified too.
  const isSystem = rootCert === "system"
  const mode = modeIn(parameter("sslmode") ?? parameter("ssl") ?? (isSystem ? "verify-full" : "prefer"))
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

/** For the text of what is wanted. */
export const sslModeNames: string = sslModes.join(", ")
