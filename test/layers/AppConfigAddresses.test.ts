import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { describeDatabase, describeRedis } from "../../src/layers/AppConfig.ts"
import { configFrom, rejectedVariables } from "../support/ConfigFrom.ts"

const databaseAt = (url: string) => Effect.map(configFrom({ TBG_DATABASE_URL: url }), ({ database }) => database.target)
const redisAt = (url: string) => Effect.map(configFrom({ TBG_REDIS_URL: url }), ({ redis }) => redis.target)

/** A target with its URL or password in clear, to compare it. */
const plain = (target: object) =>
  Object.fromEntries(
    Object.entries(target).map(([key, value]) => [key, Redacted.isRedacted(value) ? Redacted.value(value) : value])
  )

/** TLS settings of a URL without TLS parameters. */
const noTls = { mode: "prefer", rootCert: undefined, cert: undefined, key: undefined, keyPassword: undefined }

const postgres = { _tag: "Postgres", password: undefined, options: undefined, tls: noTls, ignored: [] }

const databases: ReadonlyArray<readonly [text: string, target: object, description: string]> = [
  ["embedded", { _tag: "Embedded", folder: undefined }, "embedded (in memory)"],
  ["embedded:./data/pg", { _tag: "Embedded", folder: "./data/pg" }, "embedded (./data/pg)"],
  [
    "postgres://user:pw@db.example:6432/app",
    {
      password: "pw",
      host: "db.example",
      port: 6432,
      database: "app",
      username: "user"
    },
    "db.example:6432/app"
  ],
  [
    "postgresql+asyncpg://u%40x:p%2Fw@h/app?ssl=require",
    {
      password: "p/w",
      host: "h",
      port: 5432,
      database: "app",
      username: "u@x",
      tls: { ...noTls, mode: "require" }
    },
    "h:5432/app"
  ],
  [
    "postgresql://user@[::1]?sslmode=verify-full&sslrootcert=/ca.crt&options=-cjit%3Doff",
    {
      options: "-cjit=off",
      host: "::1",
      port: 5432,
      database: "user",
      username: "user",
      tls: { ...noTls, mode: "verify-full", rootCert: "/ca.crt" }
    },
    "::1:5432/user"
  ],
  ["postgresql:///app", { host: "localhost", port: 5432, database: "app", username: undefined }, "localhost:5432/app"],
  [
    "postgresql://user:pw@/app?host=/run/postgresql&port=5433",
    {
      password: "pw",
      host: "/run/postgresql",
      port: 5433,
      database: "app",
      username: "user"
    },
    "/run/postgresql:5433/app"
  ],
  [
    "postgresql://u@h/d?host=&port=&user=&dbname=&password=&options=",
    { host: "h", port: 5432, database: "d", username: "u" },
    "h:5432/d"
  ],
  [
    "postgresql://h?user=u&dbname=d&password=old&password=p",
    { host: "h", port: 5432, database: "d", username: "u", password: "p" },
    "h:5432/d"
  ]
]

describe("TBG_DATABASE_URL", () => {
  for (const [text, target, description] of databases) {
    it.effect(`accepts ${text}`, () =>
      Effect.gen(function* () {
        const found = yield* databaseAt(text)
        const wanted = found._tag === "Embedded" ? target : { ...postgres, ...target }
        assert.deepStrictEqual(plain(found), wanted)
        assert.strictEqual(describeDatabase(found), description)
      })
    )
  }

  for (const text of [
    "postgresql:app",
    "postgresql://user@h1,h2/app",
    "postgresql://h:0/app",
    "postgresql://h:65536/app",
    "postgresql://h/app?port=70000",
    "postgresql://h/app?sslmode=on",
    "postgresql://h/app?ssl=yes",
    "postgresql://h/app?sslrootcert=system&sslmode=require",
    "postgresql://h",
    "postgresql://h/app#x",
    "postgresql://h/%zz",
    "mysql://user@h/app",
    "sqlite:///app.db",
    "embedded:",
    "localhost:5432/app",
    "host=localhost dbname=app"
  ]) {
    it.effect(`rejects ${text}`, () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* rejectedVariables({ TBG_DATABASE_URL: text }), ["TBG_DATABASE_URL"])
      })
    )
  }
})

const single = { _tag: "Single", port: 6379, number: 0, username: "", password: "", tls: false }
const cluster = { _tag: "Cluster", username: "", password: "", tls: false }

const redises: ReadonlyArray<readonly [text: string, target: object, description: string]> = [
  ["embedded", { _tag: "Embedded" }, "embedded (in the process)"],
  ["redis://h", { ...single, host: "h" }, "h:6379"],
  ["redis://:pw@h:6380/2", { ...single, host: "h", port: 6380, number: 2, password: "pw" }, "h:6380"],
  [
    "rediss://default:pw@eu.upstash.io:6379",
    { ...single, host: "eu.upstash.io", username: "default", password: "pw", tls: true },
    "eu.upstash.io:6379"
  ],
  [
    "redis+cluster://a:7000,b,[::1]:7002",
    {
      ...cluster,
      nodes: [
        { host: "a", port: 7000 },
        { host: "b", port: 6379 },
        { host: "::1", port: 7002 }
      ]
    },
    "a:7000,b:6379,::1:7002"
  ],
  [
    "rediss+cluster://us%40r:p%2Cw,x@a:7000,b:7001/",
    {
      ...cluster,
      tls: true,
      username: "us@r",
      password: "p,w,x",
      nodes: [
        { host: "a", port: 7000 },
        { host: "b", port: 7001 }
      ]
    },
    "a:7000,b:7001"
  ]
]

describe("TBG_REDIS_URL", () => {
  for (const [text, target, description] of redises) {
    it.effect(`accepts ${text}`, () =>
      Effect.gen(function* () {
        const found = yield* redisAt(text)
        assert.deepStrictEqual(plain(found), target)
        assert.strictEqual(describeRedis(found), description)
      })
    )
  }

  for (const text of [
    "redis://",
    "redis://h/one",
    "redis://h:70000",
    "redis://h1,h2",
    "http://h:6379",
    "h:6379",
    "redis+cluster://",
    "redis+cluster://a:7000,",
    "redis+cluster://a:7000,b:x",
    "redis+cluster://a:7000/1",
    "redis+cluster://a:7000?x=1",
    "redis+cluster://u:pw@a:7000,u:pw@b:7000",
    "unix:///run/redis.sock"
  ]) {
    it.effect(`rejects ${text}`, () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* rejectedVariables({ TBG_REDIS_URL: text }), ["TBG_REDIS_URL"])
      })
    )
  }
})
