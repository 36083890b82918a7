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

const certificate = Effect.map(certificates({}), ({ authority, server }) => ({ authority, ...server }))

/** Plays two seconds of a pool on a Redis while the projection reads it, and returns what it counted. */
const projectedFrom = Effect.fnUntraced(function* (url: string, authority?: string) {
  const program = yield* programOnDatabase
  yield* program.migrate("up")
  const variables = {
    ...program.variables,
    TBG_MINING_REDIS_URL: url,
    TBG_BITCOIN_NETWORK: "signet",
    ...(authority === undefined ? {} : { NODE_EXTRA_CA_CERTS: authority })
  }
  yield* runningProgram(["mining", "project"], variables)
  const played = yield* programResult(["simulate", "--miners", "5", "--rate", "50", "--for", "2s"], variables)
  assert.strictEqual(played.code, 0, played.stderr)
  return yield* Effect.repeat(Effect.provide(counts, program.client), {
    until: ({ archived, counted }) => counted === archived,
    schedule: poll
  })
})

const keysOn = ({ url }: { readonly url: string }) =>
  Effect.acquireUseRelease(
    Effect.sync(() => new Redis(url)),
    (node) => Effect.promise(() => node.keys("mining:*")),
    (node) => Effect.sync(() => node.disconnect())
  )

describe("mining streams", () => {
  it.live("are read over TLS if the certificate is valid for the host", (context) =>
    Effect.gen(function* () {
      if (openssl.isMissing) return context.skip(openssl.reason)
      const tls = yield* certificate
      const { tlsPort } = yield* throwawayRedis({ tls })
      const { connections, counted } = yield* projectedFrom(`rediss://localhost:${tlsPort}`, tls.authority)
      assert.isAbove(counted, 0)
      assert.isAbove(connections, 0)
    })
  )

  it.live("are not read over TLS if the authority is unknown", (context) =>
    Effect.gen(function* () {
      if (openssl.isMissing) return context.skip(openssl.reason)
      const { tlsPort } = yield* throwawayRedis({ tls: yield* certificate })
      const { migrate, variables } = yield* programOnDatabase
      yield* migrate("up")
      const projection = yield* runningProgram(["mining", "project"], {
        ...variables,
        TBG_MINING_REDIS_URL: `rediss://localhost:${tlsPort}`
      })
      yield* projection.untilPrinted("mining projection paused; Redis unavailable")
    })
  )

  it.live("are read from all nodes of a Cluster", () =>
    Effect.gen(function* () {
      const { nodes, url } = yield* redisCluster(3)
      const { connections, counted } = yield* projectedFrom(url)
      assert.isAbove(counted, 0)
      assert.isAbove(connections, 0)
      const holders = yield* Effect.forEach(nodes, keysOn)
      assert.isAbove(holders.filter((keys) => keys.length > 0).length, 1)
    })
  )

  it.live("are read from a Cluster over TLS if its certificates are valid for the names of its nodes", (context) =>
    Effect.gen(function* () {
      if (openssl.isMissing) return context.skip(openssl.reason)
      const tls = yield* certificate
      const { tlsUrl } = yield* redisCluster(3, tls)
      const { connections, counted } = yield* projectedFrom(tlsUrl, tls.authority)
      assert.isAbove(counted, 0)
      assert.isAbove(connections, 0)
    })
  )
})
