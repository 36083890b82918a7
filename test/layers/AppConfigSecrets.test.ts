import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect } from "effect"
import { inspect } from "node:util"
import { configFrom } from "../support/ConfigFrom.ts"
import type { Variables } from "../../src/layers/config/DotEnv.ts"

const canary = "canary"

/** Every form in which a value is printed, logged or sent. */
const printed = (value: unknown): string =>
  [
    inspect(value, { depth: Infinity, showHidden: true }),
    JSON.stringify(value),
    String(value),
    value instanceof Error ? `${value.message}${value.stack}${Cause.pretty(Cause.fail(value))}` : ""
  ].join("\n")

/** The configuration from these variables, or its problems, in every printed form. */
const outcomeOf = (variables: Variables) =>
  Effect.map(Effect.match(configFrom(variables), { onFailure: printed, onSuccess: printed }), (text) =>
    text.toLowerCase()
  )

const good: Variables = {
  TBG_DATABASE_URL: `postgresql://user:${canary}@h/app?password=${canary}&options=-c%20x.y%3D${canary}`,
  TBG_REDIS_URL: `rediss://default:${canary}@h:6379`,
  TBG_SECRET_KEY: canary.repeat(6),
  TBG_SECRET_KEY_PREVIOUS: `${canary}-`.repeat(6),
  TBG_METRICS_TOKEN: canary,
  TBG_OAUTH_AUDIENCE: "tbg"
}

/** URLs that do not parse, or not as intended, with the password in each possible place. */
const malformed = [
  `embedded://tbg:${canary}@db.example.com/tbg`,
  `embedded:postgresql://tbg:${canary}@db.example.com/tbg`,
  `postgresql://user:${canary}@h:port/app`,
  `postgresql://user:${canary}@h:99999/app`,
  `postgresql://user:12/${canary}@h/app`,
  `postgresql://user:12?${canary}@h/app`,
  `postgresql://user:12#${canary}@h/app`,
  `postgresql://user:pa/${canary}@h/app`,
  `postgresql://user:${canary}#x@h/app`,
  `postgresql://user:%zz${canary}@h/app`,
  `postgresql://user:${canary}@h1,h2/app`,
  `postgresql://user:${canary}@[h/app`,
  `postgresql://user:${canary}@h/app?sslmode=${canary}`,
  `postgresql://user:${canary}@h/app?port=${canary}`,
  `postgresql:/user:${canary}@h/app`,
  `postgresql//user:${canary}@h/app`,
  `mysql://user:${canary}@h/app`,
  `${canary}:user@h/app`,
  `user:${canary}@h:5432/app`,
  `${canary}://h/app`,
  `"postgresql://user:${canary}@h/app"`,
  `redis://:${canary}@h:port`,
  `redis://:12/${canary}@h`,
  `redis://h/${canary}`,
  `redis+cluster://u:${canary}@a:x,b`,
  `redis+cluster://u:${canary}@a,b/9`,
  `redis+cluster://u:%zz${canary}@a`,
  `redis+cluster://u:12/${canary}@a`,
  `http://user:${canary}@h`,
  `host=h password=${canary}`,
  canary
]

describe("a secret", () => {
  it.effect("does not appear in the configuration", () =>
    Effect.gen(function* () {
      assert.notInclude(yield* outcomeOf(good), canary)
    })
  )

  it.effect("does not appear in the URL of a cluster", () =>
    Effect.gen(function* () {
      assert.notInclude(yield* outcomeOf({ TBG_REDIS_URL: `redis+cluster://u:${canary}@a,b` }), canary)
    })
  )

  it.effect("does not appear next to other problems", () =>
    Effect.gen(function* () {
      assert.notInclude(yield* outcomeOf({ ...good, TBG_PORT: "x", TBG_ENVIRONMENT: "production" }), canary)
    })
  )

  it.effect("does not appear if it is itself rejected", () =>
    Effect.gen(function* () {
      const refused = {
        TBG_SECRET_KEY: canary,
        TBG_SECRET_KEY_PREVIOUS: canary,
        TBG_METRICS_TOKEN: `${canary} ${canary}`
      }
      assert.notInclude(yield* outcomeOf(refused), canary)
    })
  )

  it.effect("does not appear in the warning about an unknown variable", () =>
    Effect.gen(function* () {
      assert.notInclude(yield* outcomeOf({ TBG_DATABSE_URL: `postgresql://user:${canary}@h/app` }), canary)
    })
  )

  for (const text of malformed) {
    it.effect(`does not appear out of ${text}, whichever variable is set to it`, () =>
      Effect.gen(function* () {
        const outcomes = yield* Effect.forEach(
          ["TBG_DATABASE_URL", "TBG_REDIS_URL", "TBG_OTLP_ENDPOINT", "TBG_OAUTH_ISSUER", "TBG_OAUTH_JWKS_URL"],
          (variable) => outcomeOf({ [variable]: text })
        )
        assert.notInclude(outcomes.join("\n"), canary)
        assert.isTrue(outcomes.every((outcome) => outcome.includes("configinvalid")))
      })
    )
  }

  for (const variable of ["TBG_CORS_ORIGINS", "TBG_TRUSTED_PROXIES", "TBG_HOST", "TBG_PORT"]) {
    it.effect(`does not appear if a database URL is set as ${variable}`, () =>
      Effect.gen(function* () {
        assert.notInclude(yield* outcomeOf({ [variable]: `postgresql://user:${canary}@h/app` }), canary)
      })
    )
  }
})
