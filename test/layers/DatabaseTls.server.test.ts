import { writeFileSync } from "node:fs"
import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer, Redacted, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { certificates, openssl } from "../support/Certificates.ts"
import { commandResult } from "../support/CommandResult.ts"
import { databaseAt } from "../support/TestDatabaseLayer.ts"
import { testClient } from "../support/TestDatabase.ts"
import { programResult } from "../support/TestProcess.ts"
import { throwawayPostgres } from "../support/ThrowawayPostgres.ts"
import { guard } from "../support/throwaway/Guard.ts"
import { serverAccount } from "../support/throwaway/Programs.ts"

const psql = {
  isMissing: (await Effect.runPromise(commandResult("psql", ["--version"]))).code !== 0,
  reason: "psql: not on the PATH (Debian's package postgresql-client has it)"
}

const decodeText = Schema.decodeUnknownSync(Schema.Tuple([Schema.Struct({ text: Schema.String })]))
const encryption =
  "SELECT CASE WHEN ssl THEN 'encrypted' ELSE 'clear' END AS text FROM pg_stat_ssl WHERE pid = pg_backend_pid()"

/** Connection rules of a server: what its `pg_hba.conf` allows, and whether it offers TLS. */
const servers = {
  "that offers TLS": { ssl: "on", allows: "host" },
  "that does not offer TLS": { ssl: "off", allows: "host" },
  "that demands TLS": { ssl: "on", allows: "hostssl" },
  "that refuses TLS": { ssl: "on", allows: "hostnossl" }
} as const
type ServerName = keyof typeof servers

class Server extends Context.Service<Server, Effect.Success<typeof started>>()("test/DatabaseTls/Server") {
  static readonly layer = Layer.effect(
    Server,
    Effect.suspend(() => started)
  )
}

const started = Effect.gen(function* () {
  const files = yield* certificates(yield* serverAccount)
  const postgres = yield* throwawayPostgres
  const { folder: home } = yield* guard({})
  // On one connection, because a new one would be subject to the rules under test.
  const administrator = yield* Layer.build(testClient(Redacted.make(postgres.url)))
  const sql = Context.get(administrator, SqlClient.SqlClient)
  const session = yield* sql.reserve
  const run = (statement: string) => Effect.orDie(session.execute(statement, [], undefined))
  yield* run(`ALTER SYSTEM SET ssl_cert_file = '${files.server.certificate}'`)
  yield* run(`ALTER SYSTEM SET ssl_key_file = '${files.server.key}'`)
  const [{ text: rules }] = decodeText(yield* run("SELECT current_setting('hba_file') AS text"))
  const become = Effect.fnUntraced(function* (name: ServerName) {
    const { allows, ssl } = servers[name]
    writeFileSync(rules, `${allows} all all all scram-sha-256\n`)
    yield* run(`ALTER SYSTEM SET ssl = '${ssl}'`)
    yield* run("SELECT pg_reload_conf()")
    yield* Effect.repeat(run("SELECT current_setting('ssl') AS text"), {
      until: (rows) => decodeText(rows)[0].text === ssl
    })
  })
  const urlOf = (host: string, parameters: Record<string, string>) => {
    const url = new URL(postgres.url)
    url.hostname = host
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
    return url.href
  }
  return { become, files, home, urlOf }
})

const bySql = (url: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(encryption)).pipe(
    Effect.map((rows) => decodeText(rows)[0].text),
    Effect.provide(databaseAt(url)),
    Effect.catch(() => Effect.succeed("fails"))
  )

/** Ignores the root.crt of the user who runs the tests. */
const byPsql = Effect.fnUntraced(function* (url: string) {
  const { home } = yield* Server
  const env = { HOME: home, PATH: "/usr/bin:/bin:/usr/local/bin" }
  const { code, stdout } = yield* commandResult("psql", ["-XAtc", encryption, url], { env })
  return code === 0 ? stdout.trim() : "fails"
})

const modes = [undefined, "disable", "allow", "prefer", "require", "verify-ca", "verify-full"] as const

type Files = Server["Service"]["files"]

/** Parameters of a URL: each mode alone, and with each authority and each host name. */
const wishesOf = (files: Files, isWhole: boolean) =>
  modes.flatMap((mode) =>
    (isWhole ? [undefined, files.authority, files.other] : [undefined]).flatMap((authority) =>
      (isWhole ? ["localhost", "127.0.0.1"] : ["localhost"]).map((host) => ({
        host,
        parameters: {
          ...(mode === undefined ? {} : { sslmode: mode }),
          ...(authority === undefined ? {} : { sslrootcert: authority })
        }
      }))
    )
  )

layer(Server.layer, { excludeTestServices: true })("a connection to a server with a private CA", (it) => {
  for (const [name, isWhole] of [
    ["that offers TLS", true],
    ["that does not offer TLS", false],
    ["that demands TLS", false],
    ["that refuses TLS", false]
  ] as const) {
    it.effect(`is encrypted and verified as by psql, with a server ${name}`, (context) =>
      Effect.gen(function* () {
        context.skip(psql.isMissing, psql.reason)
        context.skip(openssl.isMissing, openssl.reason)
        const { become, files, urlOf } = yield* Server
        yield* become(name)
        for (const { host, parameters } of wishesOf(files, isWhole)) {
          const url = urlOf(host, parameters)
          assert.strictEqual(yield* bySql(url), yield* byPsql(url), url)
        }
      })
    )
  }

  const refusals = [
    {
      what: "an untrusted certificate",
      host: "localhost",
      parameters: () => ({ sslmode: "verify-full" }),
      words:
        "the server's certificate is not trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE); set sslrootcert in " +
        "TBG_DATABASE_URL, or NODE_EXTRA_CA_CERTS, to the file of its authority"
    },
    {
      what: "a certificate of another authority",
      host: "localhost",
      parameters: ({ other }: Files) => ({ sslmode: "require", sslrootcert: other }),
      words: "the server's certificate is not trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE); sslrootcert="
    },
    {
      what: "a certificate for another name",
      host: "127.0.0.1",
      parameters: ({ authority }: Files) => ({ sslmode: "verify-full", sslrootcert: authority }),
      words: "the server's certificate is not for 127.0.0.1 (ERR_TLS_CERT_ALTNAME_INVALID); use a host name from the"
    },
    {
      what: "a missing file of an authority",
      host: "localhost",
      parameters: () => ({ sslmode: "verify-ca", sslrootcert: "/nowhere/root.crt" }),
      words: "sslrootcert=/nowhere/root.crt cannot be read (ENOENT); correct it in TBG_DATABASE_URL"
    }
  ]

  it.effect.each(refusals)("ends a command and startup for $what, and names the fix", (row, context) =>
    Effect.gen(function* () {
      context.skip(openssl.isMissing, openssl.reason)
      const { become, files, urlOf } = yield* Server
      yield* become("that offers TLS")
      const url = urlOf(row.host, row.parameters(files))
      const variables = { TBG_ENVIRONMENT: "test", TBG_LOG_FORMAT: "json", TBG_DATABASE_URL: url }
      const expected = `Postgres ${row.host}:${new URL(url).port}/postgres unreachable: ${row.words}`
      const command = yield* programResult(["migrate", "status"], variables)
      assert.deepStrictEqual([command.code, command.stdout], [69, ""])
      assert.include(command.stderr, expected)
      const service = yield* programResult(["serve"], variables)
      assert.strictEqual(service.code, 69)
      assert.include(service.stdout, expected)
      assert.notInclude(service.stdout, "retrying")
    })
  )

  it.effect("trusts the authorities in NODE_EXTRA_CA_CERTS", (context) =>
    Effect.gen(function* () {
      context.skip(openssl.isMissing, openssl.reason)
      const { become, files, urlOf } = yield* Server
      yield* become("that demands TLS")
      const { code, stderr } = yield* programResult(["migrate", "status"], {
        NODE_EXTRA_CA_CERTS: files.authority,
        TBG_ENVIRONMENT: "test",
        TBG_DATABASE_URL: urlOf("localhost", { sslmode: "verify-full" })
      })
      assert.deepStrictEqual([code, stderr], [0, ""])
    })
  )

  it.effect("fails with the reason if the server does not offer TLS", (context) =>
    Effect.gen(function* () {
      context.skip(openssl.isMissing, openssl.reason)
      const { become, urlOf } = yield* Server
      yield* become("that does not offer TLS")
      const url = urlOf("localhost", { sslmode: "require" })
      const { code, stderr } = yield* programResult(["migrate", "status"], {
        TBG_ENVIRONMENT: "test",
        TBG_DATABASE_URL: url
      })
      assert.strictEqual(code, 69)
      assert.include(stderr, "unreachable: the server does not offer TLS; enable ssl there, or use sslmode=prefer")
    })
  )
})
