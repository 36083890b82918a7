import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Runtime } from "effect"
import { developmentSecret } from "../../src/layers/config/Rules.ts"
import { configFrom, deployed, problemsIn, rejectedVariables, validSecret } from "../support/ConfigFrom.ts"

describe("an invalid configuration", () => {
  it.effect("is rejected with all of its problems, one line each", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        configFrom({
          TBG_ENVIRONMENT: "production",
          TBG_DEBUG: "yes",
          TBG_PORT: "eighty\n",
          TBG_LOG_LEVEL: "loud\nand clear",
          TBG_DATABASE_POOL_MIN: "30",
          TBG_REDIS_URL: "redis://:pw@h/one",
          TBG_SECRET_KEY: "changeme",
          TBG_SECRET_KEY_PREVIOUS: "changeme-".repeat(4),
          TBG_CORS_ORIGINS: "https://a.example/app",
          TBG_AUTH_PROVIDER: "clerk"
        })
      )
      assert.deepStrictEqual(error.message.split("\n"), [
        `TBG_DEBUG: found true, expected false in production`,
        `TBG_PORT: found "eighty", expected a whole number from 0 to 65535`,
        `TBG_CORS_ORIGINS: found an address at "a.example", redacted, expected a JSON list or comma list of http(s) origins without a path, such as https://example.com; no *, because credentials are allowed`,
        `TBG_DATABASE_URL: found nothing, expected postgresql://USER:PASSWORD@HOST:PORT/DATABASE (sslmode one of disable, allow, prefer, require, verify-ca, verify-full), embedded or embedded:PATH; required in staging and production`,
        `TBG_DATABASE_POOL_MIN: found "30", expected at most TBG_DATABASE_POOL_MAX, which is 20`,
        `TBG_REDIS_URL: found an address, redacted, expected redis://HOST:PORT[/NUMBER], rediss://HOST:PORT, redis+cluster://HOST:PORT,HOST:PORT or embedded`,
        "TBG_PUBLIC_URL: found nothing, expected an http:// or https:// URL without credentials, query or fragment; required in staging and production",
        "TBG_SECRET_KEY: found a secret, redacted, expected 32 characters or more, such as `openssl rand -hex 32` prints",
        "TBG_SECRET_KEY_PREVIOUS: found a published placeholder, redacted, expected a secret of your own in staging and production, such as `openssl rand -hex 32` prints",
        `TBG_LOG_LEVEL: found "loud\\nand clear", expected one of TRACE, DEBUG, INFO, WARN, WARNING, ERROR, CRITICAL, FATAL`,
        `TBG_CLERK_ISSUER: found nothing, expected an http:// or https:// URL without credentials, query or fragment; required by TBG_AUTH_PROVIDER=clerk`
      ])
    })
  )

  it.effect("is rejected with the unknown variables too, because one may be a misspelling", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(configFrom({ TBG_PORT: "x", TBG_DATABSE_URL: "embedded" }))
      assert.deepStrictEqual(error.message.split("\n"), [
        `TBG_PORT: found "x", expected a whole number from 0 to 65535`,
        "warning: TBG_DATABSE_URL: no such variable; did you mean TBG_DATABASE_URL?"
      ])
    })
  )

  it.effect("ends the program with exit code 78", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(configFrom({ TBG_PORT: "x" }))
      assert.strictEqual(Runtime.getErrorExitCode(error), 78)
    })
  )

  it.effect("shows only the beginning of a long value", () =>
    Effect.gen(function* () {
      const problems = yield* problemsIn({ TBG_PORT: "9".repeat(500) })
      assert.strictEqual(problems[0]?.found, `"${"9".repeat(60)}…"`)
    })
  )

  it.effect.each([
    ["TBG_CORS_ORIGINS", "https://a.example,*", `"*"`],
    ["TBG_CORS_ORIGINS", "https://a.example,https://b.example/app", `an address at "b.example", redacted`],
    ["TBG_TRUSTED_PROXIES", `["10.0.0.0/8","10.0.0.0/33"]`, `"10.0.0.0/33"`],
    ["TBG_OAUTH_ALGORITHMS", "RS256,none", `"none"`]
  ] as const)("shows the rejected item of a list: %s=%s", ([variable, text, found]) =>
    Effect.gen(function* () {
      const problems = yield* problemsIn({ [variable]: text })
      assert.strictEqual(problems[0]?.found, found)
    })
  )

  it.effect("does not compare the minimum pool size with an invalid maximum", () =>
    Effect.gen(function* () {
      const refused = yield* rejectedVariables({ TBG_DATABASE_POOL_MIN: "30", TBG_DATABASE_POOL_MAX: "x" })
      assert.deepStrictEqual(refused, ["TBG_DATABASE_POOL_MAX"])
    })
  )
})

describe("staging and production", () => {
  for (const environment of ["staging", "production"] as const) {
    it.effect(`require the settings without a safe default: ${environment}`, () =>
      Effect.gen(function* () {
        const refused = yield* rejectedVariables({ TBG_ENVIRONMENT: environment })
        assert.deepStrictEqual(refused, ["TBG_DATABASE_URL", "TBG_REDIS_URL", "TBG_PUBLIC_URL", "TBG_SECRET_KEY"])
      })
    )

    it.effect.each([
      ["TBG_DATABASE_URL", "embedded"],
      ["TBG_DATABASE_URL", "embedded:./data"],
      ["TBG_REDIS_URL", "embedded"]
    ] as const)(`reject an embedded store: ${environment}, %s=%s`, ([variable, value]) =>
      Effect.gen(function* () {
        const problems = yield* problemsIn({ ...deployed(environment), [variable]: value })
        assert.deepStrictEqual(
          problems.map(({ found, variable }) => [variable, found]),
          [[variable, "an embedded store"]]
        )
      })
    )
  }

  it.effect("differ in debug, which only staging allows", () =>
    Effect.gen(function* () {
      const { debug } = yield* configFrom({ ...deployed("staging"), TBG_DEBUG: "on" })
      assert.isTrue(debug)
      assert.deepStrictEqual(yield* rejectedVariables({ ...deployed("production"), TBG_DEBUG: "on" }), ["TBG_DEBUG"])
    })
  )
})

describe("the secret key", () => {
  const published = [
    Redacted.value(developmentSecret),
    "changeme".repeat(4),
    "please-CHANGE_ME-before-you-go-live!",
    "your-secret-key-at-least-32-characters",
    "dev-secret-key-change-in-production",
    "secret".repeat(6),
    "insecure-0123456789-0123456789-0123456789"
  ]
  for (const text of published) {
    it.effect(`is rejected in production if it was published: ${text}`, () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* rejectedVariables({ ...deployed("production"), TBG_SECRET_KEY: text }), [
          "TBG_SECRET_KEY"
        ])
      })
    )
  }

  it.effect("may be a published one in development", () => configFrom({ TBG_SECRET_KEY: "changeme".repeat(4) }))

  it.effect("may be a random one in production", () =>
    configFrom({ ...deployed("production"), TBG_SECRET_KEY: validSecret })
  )
})
