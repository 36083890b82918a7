import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { inBaselineSchema } from "../../baseline/SearchPath.ts"
import { AppConfig } from "../../layers/AppConfig.ts"
import { MiningStatus } from "../../services/mining/MiningStatus.ts"
import type { Status } from "../../services/mining/MiningStatus.ts"
import { failed, ok, queryRow, skipped, warning } from "./Check.ts"
import type { Check, Finding } from "./Check.ts"

type MiningCheck = Check<AppConfig | SqlClient.SqlClient>

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

const rights: MiningCheck = {
  name: "mining rights",
  run: ifMigrated(
    Effect.gen(function* () {
      const { mining } = yield* AppConfig
      const grants = yield* missingGrants(mining.projection)
      const what = mining.projection ? "project mining events" : "read mining data"
      return grants.length === 0
        ? ok(`the role may ${what}`)
        : failed(`the role may not ${what}`, grants.map((grant) => `${grant};`).join(" "))
    })
  )
}

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

const projection: MiningCheck = {
  name: "mining projection",
  run: ifReadable(
    Effect.gen(function* () {
      const { mining } = yield* AppConfig
      const { current } = yield* MiningStatus
      return projectionFinding(yield* current, mining.projection)
    }).pipe(Effect.provide(MiningStatus.layer(Effect.succeed(false))))
  )
}

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

const network: MiningCheck = {
  name: "mining network",
  run: ifReadable(
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
}

export const miningChecks: ReadonlyArray<MiningCheck> = [rights, projection, network]
