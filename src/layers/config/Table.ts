import pkg from "../../../package.json" with { type: "json" }
import { policies } from "../../baseline/BaselinePolicy.ts"
import type { Provider } from "../../domain/Identity.ts"
import * as Codec from "./Codecs.ts"
import { boolean, decimal, integer, maxTimerMs, milliseconds, oneOf } from "./Codecs.ts"
import { databaseUrl, embeddedDatabase } from "./DatabaseTarget.ts"
import { game, redisTarget } from "./GameTable.ts"
import { derived, optional, row } from "./Row.ts"
import * as Rules from "./Rules.ts"

const count = integer(1, 1_000_000)
const poolMax = row("TBG_DATABASE_POOL_MAX", integer(1, 10_000), 20, { doc: "Maximum connections of this process." })
const token = optional("TBG_METRICS_TOKEN", Codec.bearerToken, { doc: "Bearer token required by /metrics." })
const issuer = (env: string, provider: Provider, doc: string, codec = Codec.httpUrl) =>
  optional(env, codec, { doc: `${provider}: ${doc}`, rule: Rules.requiredBy(provider, codec) })

/** Every variable of the contract (sections 2 to 7) by group; the source of `AppConfig` and of the documentation. */
export const table = {
  general: {
    environment: Rules.environment,
    debug: Rules.debug,
    projectName: row("TBG_PROJECT_NAME", Codec.text, "The Bitcoin Game API", { doc: "Title of the API documents." }),
    appVersion: derived("TBG_APP_VERSION", Codec.text, () => pkg.version, {
      doc: "Version the service reports; the package version by default."
    }),
    buildSha: row("TBG_BUILD_SHA", Codec.text, "dev", { doc: "Commit of this build." }),
    retentionDays: row("TBG_RETENTION_DAYS", integer(0, 36_500), 30, {
      doc: "Days to keep deleted posts; 0 keeps them forever."
    })
  },
  http: {
    host: row("TBG_HOST", Codec.host, "0.0.0.0", { doc: "Address to listen on." }),
    port: row("TBG_PORT", integer(0, 65_535), 8000, { doc: "Port to listen on; 0 takes any free port." }),
    requestTimeoutMs: row("TBG_REQUEST_TIMEOUT_MS", milliseconds, 10_000, {
      doc: "Maximum time for a request, which then gets 503."
    }),
    keepAliveTimeoutMs: row("TBG_KEEP_ALIVE_TIMEOUT_MS", milliseconds, 65_000, {
      doc: "How long to keep an idle connection; must exceed the load balancer's idle timeout."
    }),
    maxInFlight: row("TBG_MAX_IN_FLIGHT", count, 1000, { doc: "Maximum requests in flight; more get 503." }),
    maxStreams: row("TBG_MAX_STREAMS", count, 10_000, { doc: "Maximum open live streams; more get 503." }),
    maxDelayMs: row("TBG_MAX_EVENT_LOOP_DELAY_MS", integer(0, maxTimerMs), 500, {
      doc: "Event loop delay at which requests are shed; 0 disables this."
    }),
    maxBodyBytes: row("TBG_MAX_BODY_BYTES", integer(1, 2 ** 30), 262_144, {
      doc: "Maximum size of a request body; larger ones get 413."
    }),
    corsOrigins: row("TBG_CORS_ORIGINS", Codec.origins, ["http://localhost:5173", "http://localhost:3000"], {
      doc: "Origins that may call from a browser, with credentials."
    }),
    trustedProxies: row("TBG_TRUSTED_PROXIES", Codec.networks, [], {
      doc: "Proxies allowed to set TBG_CLIENT_ADDRESS_HEADER."
    }),
    clientAddressHeader: row("TBG_CLIENT_ADDRESS_HEADER", Codec.headerName, "x-forwarded-for", {
      doc: "Header in which trusted proxies send the client address; all others are ignored."
    })
  },
  database: {
    target: row("TBG_DATABASE_URL", databaseUrl, embeddedDatabase, {
      doc: "Postgres, or a database in this process; required in staging and production.",
      required: true,
      rule: Rules.refuseEmbedded("postgresql://USER:PASSWORD@HOST:PORT/DATABASE")
    }),
    pool: row("TBG_DATABASE_POOL", boolean, true, {
      doc: "Reuses connections; false opens a new one for each use (for serverless)."
    }),
    poolMax,
    poolMin: row("TBG_DATABASE_POOL_MIN", integer(0, 10_000), 0, {
      doc: "Connections kept open while idle.",
      rule: Rules.atMost(poolMax)
    }),
    connectTimeoutMs: row("TBG_DATABASE_CONNECT_TIMEOUT_MS", milliseconds, 5000, {
      doc: "Maximum time to open a connection."
    }),
    acquireTimeoutMs: row("TBG_DATABASE_ACQUIRE_TIMEOUT_MS", milliseconds, 3000, {
      doc: "Maximum wait for a free connection."
    }),
    statementTimeoutMs: row("TBG_DATABASE_STATEMENT_TIMEOUT_MS", milliseconds, 8000, {
      doc: "Maximum time for a statement."
    }),
    statementCache: row("TBG_DATABASE_STATEMENT_CACHE", boolean, true, {
      doc: "Prepares statements; set false behind a pooler in transaction mode."
    }),
    startTimeoutMs: row("TBG_DATABASE_START_TIMEOUT_MS", milliseconds, 60_000, {
      doc: "Maximum wait for Postgres at startup."
    })
  },
  migrations: {
    onStart: row("TBG_MIGRATE_ON_START", boolean, true, {
      doc: "Runs pending migrations before serving; set false if a job runs them."
    }),
    baselinePolicy: row("TBG_BASELINE_POLICY", oneOf(...policies), "verify", {
      doc: "How to handle a schema that differs from the expected one."
    }),
    driftIntervalSeconds: row("TBG_DRIFT_INTERVAL_SECONDS", integer(0, Math.floor(maxTimerMs / 1000)), 300, {
      doc: "Time between checks of the schema; 0 disables them."
    })
  },
  redis: { target: redisTarget },
  ...game,
  apiKeys: {
    secret: derived("TBG_SECRET_KEY", Codec.secretKey, () => Rules.developmentSecret, {
      doc: "Secret used to hash API keys and sign cursors; required in staging and production.",
      required: true,
      rule: Rules.refusePublished
    }),
    previousSecret: optional("TBG_SECRET_KEY_PREVIOUS", Codec.secretKey, {
      doc: "Previous secret, still accepted during a rotation.",
      rule: Rules.refusePublished
    }),
    cacheSeconds: row("TBG_KEY_CACHE_SECONDS", integer(0, 86_400), 5, {
      doc: "Time to cache an API key; 0 disables the cache."
    })
  },
  rateLimit: {
    requests: row("TBG_RATE_LIMIT_REQUESTS", count, 100, { doc: "Requests per address and window." }),
    keyRequests: row("TBG_RATE_LIMIT_KEY_REQUESTS", count, 60, { doc: "Requests per API key and window." }),
    windowSeconds: row("TBG_RATE_LIMIT_WINDOW_SECONDS", decimal(0.1, 86_400), 60, { doc: "Length of the window." }),
    budgetMs: row("TBG_RATE_LIMIT_BUDGET_MS", milliseconds, 50, {
      doc: "Maximum time for a check in Redis before it is made in this process."
    }),
    mode: row("TBG_RATE_LIMIT_MODE", oneOf("enforce", "shadow", "off"), "enforce", {
      doc: "enforce rejects with 429; shadow counts and logs but never rejects; off does neither."
    }),
    maxKeys: row("TBG_RATE_LIMIT_MAX_KEYS", integer(1, 100_000_000), 100_000, {
      doc: "Maximum number of callers counted in this process."
    }),
    replicas: row("TBG_REPLICAS", integer(1, 10_000), 1, {
      doc: "Number of replicas; while Redis is down, each allows its share of a limit."
    }),
    authFailureLimit: row("TBG_AUTH_FAILURE_LIMIT", count, 20, { doc: "Invalid credentials per address and minute." })
  },
  readiness: {
    requiresRedis: row("TBG_READY_REQUIRES_REDIS", boolean, false, {
      doc: "Reports not ready while Redis is unavailable."
    }),
    timeoutMs: row("TBG_READY_TIMEOUT_MS", milliseconds, 1000, { doc: "Maximum time for a readiness probe." })
  },
  log: {
    level: derived("TBG_LOG_LEVEL", Codec.logLevel, ({ read }) => (read(Rules.debug).value ? "Debug" : "Info"), {
      doc: "Minimum log level; by default INFO, or DEBUG with TBG_DEBUG."
    }),
    format: derived("TBG_LOG_FORMAT", oneOf("json", "console"), (all) => (all.isTerminal ? "console" : "json"), {
      doc: "Log format; by default console on a terminal, otherwise json."
    })
  },
  metrics: {
    enabled: derived(
      "TBG_METRICS_ENABLED",
      boolean,
      (all) => all.read(token).value !== undefined || !Rules.onDeployed(all),
      {
        doc: "Serves /metrics; off by default in staging and production unless a token is set."
      }
    ),
    token
  },
  docs: {
    enabled: derived("TBG_DOCS_ENABLED", boolean, (all) => all.read(Rules.debug).value || !Rules.onDeployed(all), {
      doc: "Serves /docs, /redoc and /openapi.json; by default on in development and test, and with TBG_DEBUG."
    })
  },
  tracing: {
    endpoint: optional("TBG_OTLP_ENDPOINT", Codec.httpUrl, {
      doc: "OpenTelemetry collector (OTLP over HTTP); tracing is off without it.",
      alias: "OTEL_EXPORTER_OTLP_ENDPOINT"
    }),
    sampleRatio: row("TBG_TRACE_SAMPLE_RATIO", decimal(0, 1), 1, { doc: "Share of requests to trace." })
  },
  shutdown: {
    delayMs: derived("TBG_SHUTDOWN_DELAY_MS", integer(0, maxTimerMs), (all) => (Rules.onProduction(all) ? 5000 : 0), {
      doc: "How long to keep serving after SIGTERM while /ready reports draining; 0 by default, 5000 in production."
    }),
    timeoutMs: row("TBG_SHUTDOWN_TIMEOUT_MS", milliseconds, 20_000, {
      doc: "Maximum time for requests to finish after TBG_SHUTDOWN_DELAY_MS."
    })
  },
  auth: {
    provider: Rules.provider,
    supabaseUrl: issuer("TBG_SUPABASE_URL", "supabase", "URL of the project."),
    clerkIssuer: issuer("TBG_CLERK_ISSUER", "clerk", "issuer of the tokens."),
    oauthIssuer: issuer("TBG_OAUTH_ISSUER", "custom", "issuer of the tokens, exactly as in `iss`."),
    oauthJwksUrl: issuer("TBG_OAUTH_JWKS_URL", "custom", "URL of the issuer's keys.", Codec.httpUrlWithQuery),
    audience: optional("TBG_OAUTH_AUDIENCE", Codec.text, { doc: "Audience that a token must name, if set." }),
    algorithms: row("TBG_OAUTH_ALGORITHMS", Codec.algorithms, ["RS256"], {
      doc: "custom: accepted signature algorithms."
    })
  }
}

export const allRows = Object.values(table).flatMap((group) => Object.values(group))
