import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { configFrom, rejectedVariables } from "../support/ConfigFrom.ts"

/** The shown value of each text of a variable. */
const accepted: Record<string, ReadonlyArray<readonly [text: string, value: string]>> = {
  TBG_DEBUG: [
    ...["true", "TRUE", "1", "yes", "Yes", "on", "ON"].map((text) => [text, "true"] as const),
    ...["false", "False", "0", "no", "NO", "off"].map((text) => [text, "false"] as const)
  ],
  TBG_LOG_LEVEL: [
    ["trace", "TRACE"],
    ["DEBUG", "DEBUG"],
    ["Info", "INFO"],
    ["WARN", "WARN"],
    ["warning", "WARN"],
    ["ERROR", "ERROR"],
    ["CRITICAL", "FATAL"],
    ["fatal", "FATAL"]
  ],
  TBG_PORT: [
    ["0", "0"],
    [" 65535 ", "65535"]
  ],
  TBG_RATE_LIMIT_REQUESTS: [
    ["1", "1"],
    ["1000000", "1000000"]
  ],
  TBG_RATE_LIMIT_WINDOW_SECONDS: [
    ["0.1", "0.1"],
    ["86400", "86400"],
    ["60.0", "60"]
  ],
  TBG_TRACE_SAMPLE_RATIO: [
    ["0", "0"],
    ["0.25", "0.25"]
  ],
  TBG_REQUEST_TIMEOUT_MS: [["2147483647", "2147483647"]],
  TBG_KEY_CACHE_SECONDS: [["0", "0"]],
  TBG_ENVIRONMENT: [["Test", "test"]],
  TBG_RATE_LIMIT_MODE: [["shadow", "shadow"]],
  TBG_LOG_FORMAT: [["CONSOLE", "console"]],
  TBG_HOST: [
    ["::", "::"],
    ["127.0.0.1", "127.0.0.1"],
    ["localhost", "localhost"]
  ],
  TBG_PROJECT_NAME: [["Das Spiel ₿", "Das Spiel ₿"]],
  TBG_CORS_ORIGINS: [
    [`["https://a.example", "https://b.example"]`, "https://a.example,https://b.example"],
    ["https://a.example, http://b.example:8080 ,", "https://a.example,http://b.example:8080"],
    ["HTTPS://A.Example/", "https://a.example"],
    ["https://a.example:443,https://a.example", "https://a.example"],
    ["http://[::1]:3000", "http://[::1]:3000"],
    ["[]", ""]
  ],
  TBG_TRUSTED_PROXIES: [
    ["10.0.0.0/8,::1", "10.0.0.0/8,::1"],
    [`["fd00::/8","192.0.2.1"]`, "fd00::/8,192.0.2.1"],
    ["0.0.0.0/0", "0.0.0.0/0"],
    ["::ffff:10.0.0.0/104", "::ffff:10.0.0.0/104"]
  ],
  TBG_CLIENT_ADDRESS_HEADER: [
    ["CF-Connecting-IP", "cf-connecting-ip"],
    ["forwarded", "forwarded"]
  ],
  TBG_OTLP_ENDPOINT: [["http://collector:4318", "http://collector:4318"]],
  TBG_OAUTH_JWKS_URL: [["https://id.example/keys?p=policy", "https://id.example/keys"]],
  TBG_OAUTH_ALGORITHMS: [["RS256,EdDSA,Ed25519", "RS256,EdDSA,Ed25519"]],
  TBG_METRICS_TOKEN: [["s3cr3t-t0ken", "<redacted>"]]
}

const refused: Record<string, ReadonlyArray<string>> = {
  TBG_DEBUG: ["maybe", "2", "truee", "y"],
  TBG_LOG_LEVEL: ["verbose", "warned", "All"],
  TBG_PORT: ["-1", "65536", "8e3", "0x50", "80.0", "08", "1_000", "+80", "eighty", "8 000"],
  TBG_RATE_LIMIT_REQUESTS: ["0", "1000001"],
  TBG_RATE_LIMIT_KEY_REQUESTS: ["0", "1000001"],
  TBG_RATE_LIMIT_WINDOW_SECONDS: ["0", "0.09", "86400.1", "60s", "-1", "Infinity", "NaN", ".5"],
  TBG_RATE_LIMIT_MODE: ["on"],
  TBG_TRACE_SAMPLE_RATIO: ["1.1", "50%"],
  TBG_REQUEST_TIMEOUT_MS: ["0", "2147483648", "10 seconds"],
  TBG_DATABASE_POOL_MAX: ["0"],
  TBG_ENVIRONMENT: ["prod", "local"],
  TBG_HOST: ["not a host", "http://localhost", "a/b"],
  TBG_PROJECT_NAME: ["a\nb", "a".repeat(201)],
  TBG_CORS_ORIGINS: [
    "*",
    "https://a.example,*",
    `["*"]`,
    "null",
    "a.example",
    "https://a.example/path",
    "https://a.example?",
    "https://a.example#x",
    "https://*.example",
    "https://user:pass@a.example",
    "ftp://a.example",
    "https://",
    "[https://a.example]",
    `["https://a.example", 1]`,
    `{"a":1}`
  ],
  TBG_TRUSTED_PROXIES: [
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0/8",
    "::1/129",
    "10.0.0.0/8/8",
    "fe80::1%eth0",
    "proxy",
    "/8",
    "1.2.3.4/08"
  ],
  TBG_CLIENT_ADDRESS_HEADER: ["x-forwarded-for, forwarded", "a b", "x:", "é", "a".repeat(65)],
  TBG_OTLP_ENDPOINT: [
    "collector:4318",
    "grpc://collector",
    "http://u:p@collector",
    "http://collector?x=1",
    "http://c#x",
    "http:/"
  ],
  TBG_OAUTH_ISSUER: ["id.example", "https://id.example?tenant=1"],
  TBG_OAUTH_ALGORITHMS: ["none", "HS256", "RS256,HS512"],
  TBG_METRICS_TOKEN: ["two words", "clé"],
  TBG_SECRET_KEY: ["short", "x".repeat(31)]
}

for (const [variable, cases] of Object.entries(accepted)) {
  describe(variable, () => {
    for (const [text, value] of cases) {
      it.effect(`accepts ${JSON.stringify(text)} as ${JSON.stringify(value)}`, () =>
        Effect.gen(function* () {
          const { entries } = yield* configFrom({ [variable]: text })
          const entry = entries.find((entry) => entry.variable === variable)
          assert.deepStrictEqual(entry, { variable, value, source: "environment" })
        })
      )
    }
  })
}

for (const [variable, texts] of Object.entries(refused)) {
  describe(variable, () => {
    for (const text of texts) {
      it.effect(`rejects ${JSON.stringify(text)}`, () =>
        Effect.gen(function* () {
          assert.deepStrictEqual(yield* rejectedVariables({ [variable]: text }), [variable])
        })
      )
    }
  })
}

describe("an empty variable", () => {
  for (const text of ["", "   "]) {
    it.effect(`of ${text.length} spaces counts as unset`, () =>
      Effect.gen(function* () {
        const { http } = yield* configFrom({ TBG_PORT: text })
        assert.strictEqual(http.port, 8000)
      })
    )
  }
})

describe("the tracing endpoint", () => {
  it.effect("is also read from OpenTelemetry's variable", () =>
    Effect.gen(function* () {
      const { tracing } = yield* configFrom({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318" })
      assert.strictEqual(tracing.endpoint, "http://collector:4318")
    })
  )

  it.effect("is our variable if both are set", () =>
    Effect.gen(function* () {
      const both = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://theirs:4318", TBG_OTLP_ENDPOINT: "http://ours:4318" }
      const { tracing } = yield* configFrom(both)
      assert.strictEqual(tracing.endpoint, "http://ours:4318")
    })
  )

  it.effect("is off if OpenTelemetry's variable is not an HTTP URL, and a warning names the accepted form", () =>
    Effect.gen(function* () {
      const { tracing, warnings } = yield* configFrom({ OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4317" })
      assert.isUndefined(tracing.endpoint)
      assert.deepStrictEqual(warnings, [
        "OTEL_EXPORTER_OTLP_ENDPOINT: found an address, redacted, expected an http:// or https:// URL without credentials, query or fragment; it has no effect"
      ])
    })
  )
})
