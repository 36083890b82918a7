import { assert, describe, it } from "@effect/vitest"
import { Effect, Schedule, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Redis } from "ioredis"
import { certificates, openssl } from "../support/Certificates.ts"
import { redisCluster } from "../support/RedisCluster.ts"
import { programOnDatabase } from "../support/ProgramOnDatabase.ts"
import { runningProgram } from "../support/RunningProgram.ts"
import { programResult } from "../support/TestProcess.ts"
import { throwawayRedis } from "../support/ThrowawayRedis.ts"

const poll = Schedule.spaced("100 millis")

const decodeCounts = Schema.decodeUnknownEffect(
  Schema.Tuple([Schema.Struct({ counted: Schema.Int, archived: Schema.Int, connections: Schema.Int })])
)

const counts = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql`
    SELECT (SELECT coalesce(sum(shares), 0)::int FROM tbg_api.mining_work_1d) AS counted,
      (SELECT count(*)::int FROM public.shares) AS archived,
      (SELECT coalesce(sum(value), 0)::int FROM tbg_api.mining_counters
        WHERE (name, label) = ('events', 'miner_connected')) AS connections`
  const [found] = yield* decodeCounts(rows)
  return found
})

/** A database with all tables, and the variables of programs on it. */
const migrated = Effect.gen(function* () {
  const { client, migrate, variables } = yield* programOnDatabase
  const { code, stderr } = yield* migrate("up")
  assert.strictEqual(code, 0, stderr)
  return { client, variables: { ...variables, TBG_BITCOIN_NETWORK: "signet" } }
})

const certificate = Effect.map(certificates({}), ({ authority, server }) => ({ authority, ...server }))

/** Plays a second of a pool on a Redis while the projection reads it, and returns what the database has counted. */
const projectedFrom = Effect.fnUntraced(function* (
  { client, variables }: Effect.Success<typeof migrated>,
  url: string,
  authority?: string
) {
  const connected = {
    ...variables,
    TBG_MINING_REDIS_URL: url,
    ...(authority === undefined ? {} : { NODE_EXTRA_CA_CERTS: authority })
  }
  const projection = yield* runningProgram(["mining", "project"], connected)
  const before = yield* Effect.provide(counts, client)
  const played = yield* programResult(["simulate", "--miners", "5", "--rate", "50", "--for", "1s"], connected)
  assert.strictEqual(played.code, 0, played.stderr)
  const found = yield* Effect.repeat(Effect.provide(counts, client), {
    until: ({ archived, counted }) => archived > before.archived && counted === archived,
    schedule: poll
  })
  yield* projection.signal("SIGTERM")
  yield* projection.exit
  return found
})

const keysOn = ({ url }: { readonly url: string }) =>
  Effect.acquireUseRelease(
    Effect.sync(() => new Redis(url)),
    (node) => Effect.promise(() => node.keys("mining:*")),
    (node) => Effect.sync(() => node.disconnect())
  )

describe("mining streams", () => {
  it.live("are read over TLS if the certificate is valid for the host and its authority is known", (context) =>
    Effect.gen(function* () {
      if (openssl.isMissing) return context.skip(openssl.reason)
      const tls = yield* certificate
      const { tlsPort } = yield* throwawayRedis({ tls })
      const url = `rediss://localhost:${tlsPort}`
      const program = yield* migrated
      const refused = yield* runningProgram(["mining", "project"], { ...program.variables, TBG_MINING_REDIS_URL: url })
      yield* refused.untilPrinted("mining projection paused; Redis unavailable")
      yield* refused.signal("SIGTERM")
      yield* refused.exit
      const { connections, counted } = yield* projectedFrom(program, url, tls.authority)
      assert.isAbove(counted, 0)
      assert.isAbove(connections, 0)
    })
  )

  it.live(
    "are read from all nodes of a Cluster, and over TLS if its certificates are valid for their names",
    (context) =>
      Effect.gen(function* () {
        if (openssl.isMissing) return context.skip(openssl.reason)
        const tls = yield* certificate
        const { nodes, tlsUrl, url } = yield* redisCluster(3, tls)
        const program = yield* migrated
        const plain = yield* projectedFrom(program, url)
        assert.isAbove(plain.counted, 0)
        assert.isAbove(plain.connections, 0)
        const holders = yield* Effect.forEach(nodes, keysOn)
        assert.isAbove(holders.filter((keys) => keys.length > 0).length, 1)
        const encrypted = yield* projectedFrom(program, tlsUrl, tls.authority)
        assert.isAbove(encrypted.counted, plain.counted)
        assert.isAbove(encrypted.connections, plain.connections)
      })
  )
})
