import { Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { getUntil } from "../Http.ts"
import { freshDatabase, testClient } from "../TestDatabase.ts"
import { teamVariables } from "../TeamServer.ts"
import { testProcess } from "../TestProcess.ts"
import { freePort } from "../throwaway/ServerProcess.ts"

const Rows = Schema.Array(
  Schema.Struct({ first: Schema.Int, events: Schema.fromJsonString(Schema.Array(Schema.Unknown)) })
)
const decodeRows = Schema.decodeUnknownEffect(Rows)

/** A block of the network, recognized by its height. */
export const networkEvent = (height: number) => ({
  type: "network",
  height,
  hash: null,
  difficulty: null,
  at: "2026-11-30T12:00:00.000000Z"
})

/** Commits events as the projection does, and reads them back. */
const outboxOf = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  return {
    publish: (...events: ReadonlyArray<object>) =>
      sql`
        WITH state AS (UPDATE tbg_api.mining_state SET outbox = outbox + ${events.length}::int RETURNING outbox)
        INSERT INTO tbg_api.mining_outbox (last, first, at, events)
        SELECT outbox, outbox - ${events.length}::int + 1, clock_timestamp(), ${JSON.stringify(events)} FROM state`,
    /** All events, oldest first. */
    published: sql`SELECT first::int AS first, events FROM tbg_api.mining_outbox ORDER BY last`.pipe(
      Effect.flatMap(decodeRows),
      Effect.map((rows) => rows.flatMap(({ events }) => events))
    )
  }
})

/** Two services on one database, neither of which projects, with an effect that restarts one on its port. */
export const liveReplicas = Effect.fnUntraced(function* (settings: Readonly<Record<string, string>> = {}) {
  const { url } = yield* freshDatabase
  const variables = {
    ...teamVariables(url),
    TBG_BITCOIN_NETWORK: "mainnet",
    TBG_PROJECTION: "off",
    TBG_TRUSTED_PROXIES: "127.0.0.1",
    ...settings
  }
  // Another process may take the port between two starts.
  const startedOn = (port: number) => Effect.retry(testProcess({ ...variables, TBG_PORT: String(port) }), { times: 3 })
  const started = Effect.flatMap(freePort, startedOn)
  const replicas = [yield* started, yield* started]
  const outbox = yield* Effect.provide(outboxOf, yield* Layer.build(testClient(url)))
  return {
    ...outbox,
    ports: replicas.map(({ port }) => port),
    /** Restarts a replica, and waits until it is ready. */
    restart: Effect.fnUntraced(function* (index: number) {
      const replica = replicas[index]
      if (replica === undefined) return yield* Effect.die(new Error(`no replica ${index}`))
      yield* replica.signal("SIGTERM")
      const exit = yield* replica.exit
      if (exit.code !== 0) return yield* Effect.die(new Error(`replica ended with ${JSON.stringify(exit)}`))
      replicas[index] = yield* startedOn(replica.port)
      yield* getUntil(`${replica.url}/ready`, 200)
    })
  }
})
