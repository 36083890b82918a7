import { Context, Effect, Layer, Redacted, Schedule, Scope } from "effect"
import { SqlClient } from "effect/sql"
import { Redis } from "ioredis"
import { testClient } from "../support/TestDatabase.ts"
import { tcpProxyLayer } from "../support/TcpProxy.ts"
import type { TcpProxy } from "../support/TcpProxy.ts"
import { testSocket } from "../support/TestSocket.ts"
import { throwawayPostgres } from "../support/ThrowawayPostgres.ts"
import type { ThrowawayPostgres } from "../support/ThrowawayPostgres.ts"
import { throwawayRedis } from "../support/ThrowawayRedis.ts"
import type { ThrowawayRedis } from "../support/ThrowawayRedis.ts"

/** Role and database of the service. No response may contain either word. */
export const role = { name: "canaryrole", password: "canarypassword", database: "canarydatabase" }

export const run = (url: string, statement: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe<Record<string, unknown>>(statement)).pipe(
    Effect.provide(testClient(Redacted.make(url))),
    Effect.orDie
  )

/** Waits until nothing listens at a port. */
const unheard = (port: number) =>
  Effect.repeat(Effect.isSuccess(Effect.scoped(testSocket(port))), {
    while: (isHeard) => isHeard,
    schedule: Schedule.spaced("10 millis")
  })

/** A separate Postgres, with a role and a database for the service. */
export class PostgresServer extends Context.Service<
  PostgresServer,
  ThrowawayPostgres & {
    /** Runs one statement as superuser, past the proxy. */
    readonly run: (statement: string) => Effect.Effect<unknown>
  }
>()("test/faults/PostgresServer") {
  static readonly layer = Layer.effect(
    PostgresServer,
    Effect.gen(function* () {
      const postgres = yield* throwawayPostgres
      const { database, name, password } = role
      const runHere = (statement: string) => run(postgres.url, statement)
      yield* runHere(`CREATE ROLE ${name} LOGIN CREATEROLE PASSWORD '${password}'`)
      yield* runHere(`CREATE DATABASE ${database} OWNER ${name}`)
      // As in production: acknowledged writes survive `kill -9`.
      yield* runHere(`ALTER DATABASE ${database} SET synchronous_commit = on`)
      return { ...postgres, shutDown: Effect.andThen(postgres.shutDown, unheard(postgres.port)), run: runHere }
    })
  )
}

/** A separate Redis. */
export class RedisServer extends Context.Service<
  RedisServer,
  Pick<ThrowawayRedis, "port" | "signal"> & {
    /** Port of a second server, a replica. */
    readonly replicaPort: number
    readonly end: (signal: "SIGKILL" | "SIGTERM") => Effect.Effect<unknown>
    /** Starts an empty server on the same port after the last one has exited. */
    readonly startAgain: Effect.Effect<void>
    /** Runs one command past the proxy. */
    readonly call: (command: string, args: ReadonlyArray<string>, password?: string) => Effect.Effect<unknown>
  }
>()("test/faults/RedisServer") {
  static readonly layer = Layer.effect(
    RedisServer,
    Effect.gen(function* () {
      const scope = yield* Effect.scope
      const { port, ...first } = yield* throwawayRedis()
      const replica = yield* throwawayRedis({ replicaOf: port })
      let { signal } = first
      const client = (password?: string) =>
        Effect.acquireRelease(
          Effect.sync(() => new Redis({ port, ...(password === undefined ? {} : { password }) })),
          (client) => Effect.sync(() => client.disconnect())
        )
      const signalled = (name: NodeJS.Signals) => Effect.suspend(() => signal(name))
      return {
        port,
        replicaPort: replica.port,
        signal: signalled,
        end: (name) => Effect.andThen(signalled(name), unheard(port)),
        startAgain: throwawayRedis({ port }).pipe(
          Effect.map((started) => void ({ signal } = started)),
          Effect.provideService(Scope.Scope, scope),
          Effect.orDie
        ),
        call: (command, args, password) =>
          Effect.scoped(
            Effect.flatMap(client(password), (client) => Effect.promise(() => client.call(command, ...args)))
          )
      }
    })
  )
}

export class DatabaseWay extends Context.Service<DatabaseWay, TcpProxy>()("test/faults/DatabaseWay") {
  static readonly layer = tcpProxyLayer(
    DatabaseWay,
    Effect.map(PostgresServer, ({ port }) => port)
  )
}

export class RedisWay extends Context.Service<RedisWay, TcpProxy>()("test/faults/RedisWay") {
  static readonly layer = tcpProxyLayer(
    RedisWay,
    Effect.map(RedisServer, ({ port }) => port)
  )
}

/** Both servers, and the proxies in front of them. */
export const servers = Layer.merge(
  Layer.provideMerge(DatabaseWay.layer, PostgresServer.layer),
  Layer.provideMerge(RedisWay.layer, RedisServer.layer)
)

export type Servers = Layer.Success<typeof servers>

/** Starts a fault, and ends it. */
export interface Cause<R> {
  readonly begin: Effect.Effect<unknown, unknown, R>
  readonly end?: Effect.Effect<unknown, unknown, R>
}
