import { Clock, Effect, Result, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { inBaselineSchema } from "../../baseline/SearchPath.ts"
import { DependencyDown } from "../../domain/Dependency.ts"
import { arrivalOf, shareStream } from "../../domain/mining/StreamEntry.ts"
import { redisAdvice } from "../../layers/Advice.ts"
import { AppConfig, describeRedis } from "../../layers/AppConfig.ts"
import { redisDown } from "../../layers/redis/Fault.ts"
import { MiningStatus } from "../../services/mining/MiningStatus.ts"
import type { Status } from "../../services/mining/MiningStatus.ts"
import { failed, ok, queryRow, skipped, warning } from "./Check.ts"
import type { Checks, Finding } from "./Check.ts"
import { RedisNodes } from "./RedisChecks.ts"

const State = Schema.Struct({ exists: Schema.Boolean, isReadable: Schema.Boolean })

/** Whether the tables exist, and whether the role may read those that the checks read. */
const state = queryRow(
  State,
  (sql) => sql`
    SELECT count(*) = 4 AS exists, coalesce(bool_and(has_table_privilege(oid, 'SELECT')), false) AS "isReadable"
    FROM pg_catalog.pg_class WHERE relnamespace = to_regnamespace('tbg_api')
      AND relname IN ('mining_state', 'mining_counters', 'mining_quarantine', 'mining_shares')`
)

const ifMigrated = <E, R>(run: Effect.Effect<Finding, E, R>) =>
  Effect.flatMap(state, ({ exists }) =>
    exists ? run : Effect.succeed(skipped("the tables are created by tbg migrate up"))
  )

const ifReadable = <E, R>(run: Effect.Effect<Finding, E, R>) =>
  ifMigrated(
    Effect.flatMap(state, ({ isReadable }) =>
      isReadable ? run : Effect.succeed(skipped("not checked: the mining rights check failed"))
    )
  )

const decodeGrants = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ grant: Schema.String })))

/** `GRANT` statements for rights that are missing on the game's tables and on those of the projection. */
const missingGrants = Effect.fnUntraced(function* (isProjecting: boolean) {
  const sql = yield* SqlClient.SqlClient
  const privileges = isProjecting ? ["SELECT", "INSERT", "UPDATE", "DELETE"] : ["SELECT"]
  const rows = yield* sql.withTransaction(
    inBaselineSchema(sql`
      WITH wanted AS (
        SELECT c.oid, p.privilege, p.place
        FROM pg_catalog.pg_class c CROSS JOIN unnest(${privileges}::text[]) WITH ORDINALITY AS p (privilege, place)
        WHERE c.relnamespace = 'tbg_api'::regnamespace AND c.relname LIKE 'mining\\_%' AND c.relkind IN ('r', 'p')
          AND NOT c.relispartition
        UNION ALL
        SELECT c.oid, 'TRUNCATE', 1 FROM pg_catalog.pg_class c
        WHERE ${isProjecting} AND c.relnamespace = 'tbg_api'::regnamespace AND c.relname LIKE 'mining\\_%'
          AND c.relispartition AND c.relkind = 'r'
        UNION ALL
        SELECT to_regclass(name), 'SELECT', 1 FROM unnest(ARRAY['shares', 'blocks']) AS name
        WHERE to_regclass(name) IS NOT NULL
      ), missing AS (
        SELECT oid, string_agg(privilege, ', ' ORDER BY place) AS privileges
        FROM wanted WHERE NOT has_table_privilege(oid, privilege) GROUP BY oid
      )
      SELECT format(
        'GRANT %s ON %s TO %I', privileges,
        string_agg(format('%I.%I', c.relnamespace::regnamespace::text, c.relname), ', ' ORDER BY c.relname), current_user
      ) AS grant
      FROM missing m JOIN pg_catalog.pg_class c ON c.oid = m.oid GROUP BY privileges ORDER BY 1`)
  )
  return (yield* decodeGrants(rows)).map(({ grant }) => grant)
})

const rights = ifMigrated(
  Effect.gen(function* () {
    const { mining } = yield* AppConfig
    const grants = yield* missingGrants(mining.projection)
    const what = mining.projection ? "project mining events" : "read mining data"
    return grants.length === 0
      ? ok(`the role may ${what}`)
      : failed(`the role may not ${what}`, grants.map((grant) => `${grant};`).join(" "))
  })
)

export const projectionFinding = (
  { is_led, lag_ms, last_event_at, status }: Pick<Status, "is_led" | "lag_ms" | "last_event_at" | "status">,
  isProjecting: boolean
): Finding => {
  const last = `last event ${last_event_at ?? "never"}`
  if (status === "stale") {
    return failed(`no progress while events wait; ${last}`, "see the log of the process that runs tbg mining project")
  }
  if (is_led) return ok(`${status}, ${lag_ms ?? 0} ms behind; ${last}`)
  if (isProjecting) return ok(`no process leads; this service does when it runs; ${last}`)
  return warning(`no process projects mining events; ${last}`, "run tbg mining project, or set TBG_PROJECTION=on")
}

const projection = ifReadable(
  Effect.gen(function* () {
    const { mining } = yield* AppConfig
    const { current } = yield* MiningStatus
    return projectionFinding(yield* current, mining.projection)
  }).pipe(Effect.provide(MiningStatus.layer(Effect.succeed(false))))
)

/** Judges the events of the last hour. */
export const networkFinding = (network: string, foreign: number, shares: number): Finding =>
  foreign > shares
    ? failed(
        `most events have addresses of another network than ${network}`,
        "set TBG_BITCOIN_NETWORK to the network of the pool, then restart and run tbg mining rebuild"
      )
    : ok(`${network}; ${foreign} events of another network in the last hour`)

/** Only the newest quarantined events are kept, so no more than these are compared. */
const maxCompared = 10_000

const network = ifReadable(
  Effect.gen(function* () {
    const { mining } = yield* AppConfig
    const { foreign, shares } = yield* queryRow(
      Schema.Struct({ foreign: Schema.Int, shares: Schema.Int }),
      (sql) => sql`
        SELECT (
          SELECT count(*)::int FROM tbg_api.mining_quarantine
          WHERE reason = 'wrong_network' AND at > now() - interval '1 hour'
        ) AS foreign, (
          SELECT count(*)::int FROM (
            SELECT FROM tbg_api.mining_shares WHERE arrived_at > now() - interval '1 hour' LIMIT ${maxCompared}::int
          ) s
        ) AS shares`
    )
    return networkFinding(mining.network, foreign, shares)
  })
)

export const miningChecks: Checks<AppConfig | SqlClient.SqlClient> = {
  "mining rights": rights,
  "mining projection": projection,
  "mining network": network
}

const isWrongType = (error: unknown): boolean => error instanceof Error && error.message.startsWith("WRONGTYPE")

/** Reads the newest entry of the stream of shares, with both commands that the projection uses. */
const readStream = Effect.gen(function* () {
  const { client, connect } = yield* RedisNodes
  const fault = yield* connect
  if (fault !== undefined) return yield* new DependencyDown({ fault })
  return yield* Effect.tryPromise({
    try: async () => {
      await client.xrange(shareStream, "-", "+", "COUNT", 1)
      return client.xrevrange(shareStream, "+", "-", "COUNT", 1)
    },
    catch: (error) => (isWrongType(error) ? "WrongType" : redisDown(error))
  })
})

const streams = Effect.gen(function* () {
  const { where } = yield* RedisNodes
  const { mining, redis } = yield* AppConfig
  const read = yield* Effect.result(readStream)
  if (Result.isFailure(read)) {
    if (read.failure === "WrongType") return failed(`${where}: the key ${shareStream} is not a stream`, null)
    if (read.failure.fault !== "denied" && describeRedis(mining.redis) === describeRedis(redis.target)) {
      return skipped("not checked: see the checks of redis")
    }
    const { fix, problem } = redisAdvice(mining.redis, read.failure)
    if (read.failure.fault !== "denied") return failed(problem, fix.replace("TBG_REDIS_URL", "TBG_MINING_REDIS_URL"))
    return failed(
      `${problem}; the projection reads the keys mining:* with XRANGE and XREVRANGE`,
      "ACL SETUSER USER ~mining:* +xrange +xrevrange +ping +info, where USER is the user in TBG_MINING_REDIS_URL"
    )
  }
  const [newest] = read.success
  if (newest === undefined) return ok(`${where}: readable; ${shareStream} is empty`)
  const seconds = Math.round((yield* Clock.currentTimeMillis) / 1000 - arrivalOf(newest[0]) / 1e6)
  return ok(`${where}: readable, the newest share arrived ${seconds} s ago`)
})

/** Check of the streams that the projection reads. */
export const miningStreams = Effect.gen(function* () {
  const { mining } = yield* AppConfig
  if (!mining.projection)
    return skipped("TBG_PROJECTION is off; run tbg doctor with the settings of tbg mining project")
  if (mining.redis._tag === "Embedded") return ok("embedded: events come from this process")
  return yield* Effect.provide(streams, RedisNodes.layer(mining.redis))
})
