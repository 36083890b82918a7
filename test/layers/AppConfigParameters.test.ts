import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { configFrom } from "../support/ConfigFrom.ts"

/** TLS settings of a URL without TLS parameters. */
const noTls = { mode: "prefer", rootCert: undefined, cert: undefined, key: undefined, keyPassword: undefined }

describe("parameters of TBG_DATABASE_URL", () => {
  it.effect.each([
    ["ssl=true", { mode: "require" }],
    ["sslrootcert=system", { mode: "verify-full" }],
    ["sslcert=/own.crt&sslkey=/own.key", { mode: "prefer", cert: "/own.crt", key: "/own.key" }]
  ] as const)("have the same meaning as in libpq: %s", ([parameters, tls]) =>
    Effect.gen(function* () {
      const { database } = yield* configFrom({ TBG_DATABASE_URL: `postgresql://u@h/d?${parameters}` })
      assert.deepPropertyVal(database.target, "tls", { ...noTls, ...tls })
    })
  )

  it.effect("without effect get one warning each, which lists only libpq parameters", () =>
    Effect.gen(function* () {
      const parameters = "target_session_attrs=any&connect_timeout=2&connect_timeout=3&c4n4ry=1&c4n4ry2=1"
      const { warnings } = yield* configFrom({ TBG_DATABASE_URL: `postgresql://u@h/d?sslmode=require&${parameters}` })
      assert.deepStrictEqual(warnings, [
        "TBG_DATABASE_URL: parameter target_session_attrs is not supported and has no effect",
        "TBG_DATABASE_URL: parameter connect_timeout is not supported and has no effect",
        "TBG_DATABASE_URL: an unknown parameter is not supported and has no effect"
      ])
    })
  )
})

describe("the redacted form of a URL", () => {
  const shown = [
    ["TBG_DATABASE_URL", "postgresql+asyncpg://user:pw@h/app?sslmode=require", "postgresql://h:5432/app"],
    ["TBG_DATABASE_URL", "embedded:./data", "embedded:./data"],
    ["TBG_REDIS_URL", "rediss://:pw@h", "rediss://h:6379"],
    ["TBG_REDIS_URL", "redis+cluster://u:pw@a,b:7001", "redis+cluster://a:6379,b:7001"]
  ] as const

  for (const [variable, text, value] of shown) {
    it.effect(`is ${value} for ${text}`, () =>
      Effect.gen(function* () {
        const { entries } = yield* configFrom({ [variable]: text })
        assert.strictEqual(entries.find((entry) => entry.variable === variable)?.value, value)
      })
    )
  }
})
