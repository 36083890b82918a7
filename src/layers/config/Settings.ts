import pkg from "../../../package.json" with { type: "json" }
import { authSettings } from "./AuthSettings.ts"
import {
  boolean,
  decimal,
  headerName,
  host,
  integer,
  logLevel,
  longestTimerMs,
  milliseconds,
  oneOf,
  optional,
  text
} from "./Kind.ts"
import { limitSettings } from "./LimitSettings.ts"
import { networks, origins } from "./ListKinds.ts"
import { bearerToken } from "./Secret.ts"
import { derived, isDeployed, setting } from "./Setting.ts"
import { storeSettings } from "./StoreSettings.ts"
import { httpUrl } from "./Url.ts"

const localOrigins = ["http://localhost:5173", "http://localhost:3000"]

const general = {
  environment: setting(
    "TBG_ENVIRONMENT",
    oneOf("development", "test", "staging", "production"),
    "development",
    "Where this runs; other defaults depend on it."
  ),
  debug: setting(
    "TBG_DEBUG",
    boolean,
    false,
    "Turns the docs on and the default level to DEBUG; refused in production."
  ),
  projectName: setting("TBG_PROJECT_NAME", text, "The Bitcoin Game API", "Title of the API documents."),
  appVersion: derived(
    "TBG_APP_VERSION",
    text,
    () => pkg.version,
    "Version that the service tells; the package's unless set."
  ),
  buildSha: setting("TBG_BUILD_SHA", text, "dev", "Commit that this was built from."),
  retentionDays: setting(
    "TBG_RETENTION_DAYS",
    integer(0, 36_500),
    30,
    "Days that deleted posts are kept; 0 keeps them for ever."
  )
}

const http = {
  host: setting("TBG_HOST", host, "0.0.0.0", "Address to listen on."),
  port: setting("TBG_PORT", integer(0, 65_535), 8000, "Port to listen on; 0 takes any free one."),
  requestTimeoutMs: setting("TBG_REQUEST_TIMEOUT_MS", milliseconds, 10_000, "Time for one request; 503 after that."),
  keepAliveTimeoutMs: setting(
    "TBG_KEEP_ALIVE_TIMEOUT_MS",
    milliseconds,
    65_000,
    "How long an idle connection is kept; must exceed the load balancer's idle timeout."
  ),
  maxInFlight: setting(
    "TBG_MAX_IN_FLIGHT",
    integer(1, 1_000_000),
    1000,
    "Requests at once at most; more are shed with 503."
  ),
  maxDelayMs: setting(
    "TBG_MAX_EVENT_LOOP_DELAY_MS",
    integer(0, longestTimerMs),
    500,
    "How late the event loop may be before requests are shed; 0 turns that off."
  ),
  maxBodyBytes: setting("TBG_MAX_BODY_BYTES", integer(1, 2 ** 30), 262_144, "Longest request body; 413 past it."),
  corsOrigins: setting(
    "TBG_CORS_ORIGINS",
    origins,
    localOrigins,
    "Origins that may call from a browser, with credentials."
  ),
  trustedProxies: setting("TBG_TRUSTED_PROXIES", networks, [], "Proxies trusted to set TBG_CLIENT_ADDRESS_HEADER."),
  clientAddressHeader: setting(
    "TBG_CLIENT_ADDRESS_HEADER",
    headerName,
    "x-forwarded-for",
    "Header in which trusted proxies send the client address; all others are ignored."
  )
}

const log = {
  level: derived(
    "TBG_LOG_LEVEL",
    logLevel,
    ({ debug }) => (debug ? "Debug" : "Info"),
    "INFO unless set, DEBUG with TBG_DEBUG."
  ),
  format: derived(
    "TBG_LOG_FORMAT",
    oneOf("json", "console"),
    ({ terminal }) => (terminal ? "console" : "json"),
    "json unless set, console on a terminal."
  )
}

const metrics = {
  enabled: derived(
    "TBG_METRICS_ENABLED",
    boolean,
    ({ environment, textOf }) => environment !== "production" || textOf("TBG_METRICS_TOKEN") !== undefined,
    "Serves /metrics; off in production without a token unless set."
  ),
  token: setting("TBG_METRICS_TOKEN", optional(bearerToken), undefined, "Bearer token that /metrics wants.")
}

const docs = {
  enabled: derived(
    "TBG_DOCS_ENABLED",
    boolean,
    ({ debug, environment }) => debug || !isDeployed(environment),
    "Serves /docs, /redoc and /openapi.json; on in development, in test and with TBG_DEBUG unless set."
  )
}

const tracing = {
  endpoint: setting(
    "TBG_OTLP_ENDPOINT",
    optional(httpUrl),
    undefined,
    "OpenTelemetry collector (OTLP over HTTP); tracing is off without.",
    { alias: "OTEL_EXPORTER_OTLP_ENDPOINT" }
  ),
  sampleRatio: setting("TBG_TRACE_SAMPLE_RATIO", decimal(0, 1), 1, "Part of the requests that is traced.")
}

const shutdown = {
  delayMs: derived(
    "TBG_SHUTDOWN_DELAY_MS",
    integer(0, longestTimerMs),
    ({ environment }) => (environment === "production" ? 5000 : 0),
    "How long to keep serving after SIGTERM while /ready reports draining; 0 by default, 5000 in production."
  ),
  timeoutMs: setting(
    "TBG_SHUTDOWN_TIMEOUT_MS",
    milliseconds,
    20_000,
    "Time for requests to finish, counted from the end of TBG_SHUTDOWN_DELAY_MS."
  )
}

/** Every variable of the contract, sections 2 to 7, by subject: the one declaration of the configuration. */
export const settings = {
  general,
  http,
  ...storeSettings,
  ...limitSettings,
  log,
  metrics,
  docs,
  tracing,
  shutdown,
  auth: authSettings
}

/** The same as a list, in order. */
export const allSettings = Object.values(settings).flatMap((group) => Object.values(group))
