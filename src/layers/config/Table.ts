import pkg from "../../../package.json" with { type: "json" }
import { authRows } from "./Auth.ts"
import { boolean, decimal, headerName, host, integer, logLevel, longestTimerMs } from "./Codecs.ts"
import { milliseconds, oneOf, text } from "./Codecs.ts"
import { environment, isDeployed, onProduction } from "./Environment.ts"
import { networks, origins } from "./Lists.ts"
import { derived, optional, row } from "./Row.ts"
import { bearerToken } from "./Secret.ts"
import { apiKeys, database, migrations, redis } from "./Stores.ts"
import { httpUrl } from "./Url.ts"

const debug = row("TBG_DEBUG", boolean, false, {
  doc: "Turns the docs on and the default level to DEBUG; refused in production.",
  rule: (isOn, context) =>
    isOn && onProduction(context) ? { found: "true", wanted: "false in production" } : undefined
})

const general = {
  environment,
  debug,
  projectName: row("TBG_PROJECT_NAME", text, "The Bitcoin Game API", { doc: "Title of the API documents." }),
  appVersion: derived("TBG_APP_VERSION", text, () => pkg.version, {
    doc: "Version that the service tells; the package's unless set."
  }),
  buildSha: row("TBG_BUILD_SHA", text, "dev", { doc: "Commit that this was built from." }),
  retentionDays: row("TBG_RETENTION_DAYS", integer(0, 36_500), 30, {
    doc: "Days that deleted posts are kept; 0 keeps them for ever."
  })
}

const http = {
  host: row("TBG_HOST", host, "0.0.0.0", { doc: "Address to listen on." }),
  port: row("TBG_PORT", integer(0, 65_535), 8000, { doc: "Port to listen on; 0 takes any free one." }),
  requestTimeoutMs: row("TBG_REQUEST_TIMEOUT_MS", milliseconds, 10_000, {
    doc: "Time for one request; 503 after that."
  }),
  keepAliveTimeoutMs: row("TBG_KEEP_ALIVE_TIMEOUT_MS", milliseconds, 65_000, {
    doc: "How long an idle connection is kept; must exceed the load balancer's idle timeout."
  }),
  maxInFlight: row("TBG_MAX_IN_FLIGHT", integer(1, 1_000_000), 1000, {
    doc: "Requests at once at most; more are shed with 503."
  }),
  maxDelayMs: row("TBG_MAX_EVENT_LOOP_DELAY_MS", integer(0, longestTimerMs), 500, {
    doc: "How late the event loop may be before requests are shed; 0 turns that off."
  }),
  maxBodyBytes: row("TBG_MAX_BODY_BYTES", integer(1, 2 ** 30), 262_144, { doc: "Longest request body; 413 past it." }),
  corsOrigins: row("TBG_CORS_ORIGINS", origins, ["http://localhost:5173", "http://localhost:3000"], {
    doc: "Origins that may call from a browser, with credentials."
  }),
  trustedProxies: row("TBG_TRUSTED_PROXIES", networks, [], {
    doc: "Proxies trusted to set TBG_CLIENT_ADDRESS_HEADER."
  }),
  clientAddressHeader: row("TBG_CLIENT_ADDRESS_HEADER", headerName, "x-forwarded-for", {
    doc: "Header in which trusted proxies send the client address; all others are ignored."
  })
}

const callers = integer(1, 1_000_000)

const rateLimit = {
  requests: row("TBG_RATE_LIMIT_REQUESTS", callers, 100, { doc: "Requests of one address in a window." }),
  keyRequests: row("TBG_RATE_LIMIT_KEY_REQUESTS", callers, 60, { doc: "Requests of one API key in a window." }),
  windowSeconds: row("TBG_RATE_LIMIT_WINDOW_SECONDS", decimal(0.1, 86_400), 60, {
    doc: "Length of the sliding window."
  }),
  budgetMs: row("TBG_RATE_LIMIT_BUDGET_MS", milliseconds, 50, {
    doc: "Most that a check may cost before it is made in process."
  }),
  mode: row("TBG_RATE_LIMIT_MODE", oneOf("enforce", "shadow", "off"), "enforce", {
    doc: "shadow counts and logs, and never denies."
  }),
  maxKeys: row("TBG_RATE_LIMIT_MAX_KEYS", integer(1, 100_000_000), 100_000, {
    doc: "Callers that the limiter in process remembers."
  }),
  replicas: row("TBG_REPLICAS", integer(1, 10_000), 1, { doc: "Processes that share a limit while Redis is away." }),
  authFailureLimit: row("TBG_AUTH_FAILURE_LIMIT", callers, 20, { doc: "Bad credentials of one address in a minute." })
}

const readiness = {
  requiresRedis: row("TBG_READY_REQUIRES_REDIS", boolean, false, { doc: "Without Redis the service is not ready." }),
  timeoutMs: row("TBG_READY_TIMEOUT_MS", milliseconds, 1000, { doc: "Time for a readiness probe." })
}

const log = {
  level: derived("TBG_LOG_LEVEL", logLevel, ({ read }) => (read(debug).value ? "Debug" : "Info"), {
    doc: "INFO unless set, DEBUG with TBG_DEBUG."
  }),
  format: derived("TBG_LOG_FORMAT", oneOf("json", "console"), ({ isTerminal }) => (isTerminal ? "console" : "json"), {
    doc: "json unless set, console on a terminal."
  })
}

const token = optional("TBG_METRICS_TOKEN", bearerToken, { doc: "Bearer token that /metrics wants." })

const metrics = {
  enabled: derived(
    "TBG_METRICS_ENABLED",
    boolean,
    (context) => !onProduction(context) || context.read(token).value !== undefined,
    { doc: "Serves /metrics; off in production without a token unless set." }
  ),
  token
}

const docs = {
  enabled: derived(
    "TBG_DOCS_ENABLED",
    boolean,
    ({ read }) => read(debug).value || !isDeployed(read(environment).value),
    { doc: "Serves /docs, /redoc and /openapi.json; on in development, in test and with TBG_DEBUG unless set." }
  )
}

const tracing = {
  endpoint: optional("TBG_OTLP_ENDPOINT", httpUrl, {
    doc: "OpenTelemetry collector (OTLP over HTTP); tracing is off without.",
    alias: "OTEL_EXPORTER_OTLP_ENDPOINT"
  }),
  sampleRatio: row("TBG_TRACE_SAMPLE_RATIO", decimal(0, 1), 1, { doc: "Part of the requests that is traced." })
}

const shutdown = {
  delayMs: derived(
    "TBG_SHUTDOWN_DELAY_MS",
    integer(0, longestTimerMs),
    (context) => (onProduction(context) ? 5000 : 0),
    { doc: "How long to keep serving after SIGTERM while /ready reports draining; 0 by default, 5000 in production." }
  ),
  timeoutMs: row("TBG_SHUTDOWN_TIMEOUT_MS", milliseconds, 20_000, {
    doc: "Time for requests to finish, counted from the end of TBG_SHUTDOWN_DELAY_MS."
  })
}

/** Every variable of the contract, sections 2 to 7, by group. `AppConfig` and the documentation derive from it. */
export const table = {
  general,
  http,
  database,
  migrations,
  redis,
  apiKeys,
  rateLimit,
  readiness,
  log,
  metrics,
  docs,
  tracing,
  shutdown,
  auth: authRows
}

export const allRows = Object.values(table).flatMap((group) => Object.values(group))
