import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"

/** The role under which tenant statements run (`docs/teams.md`). */
export const teamRole = "tbg_api_team"

/** The tables whose rows belong to one team each. */
const isolated = ["posts", "post_counts", "idempotency_keys"]

/** Privileges of tenant statements on a table; a trigger maintains the counts as the owner. */
const privilegesOn = (table: string) =>
  table === "post_counts" ? ["SELECT"] : ["SELECT", "INSERT", "UPDATE", "DELETE"]

/** The functions that serve a request in one call, each under the role of tenant statements. */
const postFunctions = ["list_posts", "get_post", "create_post", "create_posts", "delete_post", "restore_post"].map(
  (name) => `tbg_api_${name}`
)

const Facts = Schema.Struct({
  /** The role of the session. */
  name: Schema.String,
  /** No policy binds it. */
  passes: Schema.Boolean,
  /** It owns the tables, so that only forced policies bind it. */
  owns: Schema.Boolean,
  /** No policy binds the role of tenant statements. */
  teamPasses: Schema.Boolean,
  /** Whether tenant statements switch to that role; `null` before the tables are created. */
  switches: Schema.NullOr(Schema.Boolean),
  /** Row-level security is on. */
  enabled: Schema.Boolean,
  /** It binds the owner of the tables too. */
  forced: Schema.Boolean
})
const decodeFacts = Schema.decodeUnknownEffect(Schema.Tuple([Facts]))
const decodeGrants = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ grant: Schema.String })))

/** Tenant isolation in this database, and the rights of the session's role on the tables. */
export interface WallFacts extends Schema.Schema.Type<typeof Facts> {
  /** The session can switch to the role of tenant statements. */
  readonly takenOn: boolean
  /** `GRANT` statements for the rights that are missing. */
  readonly missing: ReadonlyArray<string>
}

const found = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [facts] = yield* Effect.flatMap(
    sql`
      SELECT me.rolname AS name, me.rolsuper OR me.rolbypassrls AS passes,
        coalesce(team.rolsuper OR team.rolbypassrls, false) AS "teamPasses",
        (
          SELECT bool_and(coalesce(p.prosrc LIKE ${`%${teamRole}%`} OR ${`role=${teamRole}`} = ANY (p.proconfig), false))
          FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
          WHERE n.nspname = 'tbg_api' AND p.proname = ANY (${["tbg_api_enter", ...postFunctions]})
        ) AS switches,
        tables.owns, tables.enabled, tables.forced
      FROM pg_catalog.pg_roles me LEFT JOIN pg_catalog.pg_roles team ON team.rolname = ${teamRole}
      CROSS JOIN LATERAL (
        SELECT coalesce(bool_and(c.relrowsecurity), true) AS enabled,
          coalesce(bool_and(c.relforcerowsecurity), true) AS forced,
          coalesce(bool_or(pg_has_role(me.oid, c.relowner, 'USAGE')), false) AS owns
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'tbg_api' AND c.relname = ANY (${isolated})
      ) tables
      WHERE me.rolname = current_user`,
    decodeFacts
  )
  return facts
})

/** Rights that requests need, by role and table. */
const rightsOf = ({ name, switches }: typeof Facts.Type) => [
  { role: name, table: "migrations", privileges: ["SELECT"] },
  { role: name, table: "teams", privileges: ["SELECT"] },
  { role: name, table: "api_keys", privileges: ["SELECT", "UPDATE"] },
  { role: name, table: "service_facts", privileges: ["SELECT", "INSERT"] },
  ...isolated.map((table) => ({ role: switches === true ? teamRole : name, table, privileges: privilegesOn(table) }))
]

const missingGrants = Effect.fnUntraced(function* (facts: typeof Facts.Type) {
  const sql = yield* SqlClient.SqlClient
  const roles = facts.switches === true ? [facts.name, teamRole] : [facts.name]
  const rows = yield* sql`
    WITH ours AS (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = 'tbg_api'),
      roles AS (SELECT oid, rolname FROM pg_catalog.pg_roles WHERE rolname = ANY (${roles}))
    SELECT format('GRANT USAGE ON SCHEMA tbg_api TO %I', r.rolname) AS grant
    FROM roles r, ours n WHERE NOT has_schema_privilege(r.oid, n.oid, 'USAGE')
    UNION ALL
    SELECT format('GRANT %s ON tbg_api.%I TO %I', string_agg(p.privilege, ', ' ORDER BY p.place), c.relname, r.rolname)
    FROM json_to_recordset(${JSON.stringify(rightsOf(facts))}::json) AS wanted (role name, "table" name, privileges json)
    CROSS JOIN LATERAL json_array_elements_text(wanted.privileges) WITH ORDINALITY AS p (privilege, place)
    JOIN roles r ON r.rolname = wanted.role
    JOIN pg_catalog.pg_class c ON c.relname = wanted."table" AND c.relnamespace = (SELECT oid FROM ours)
    WHERE NOT has_table_privilege(r.oid, c.oid, p.privilege)
    GROUP BY c.relname, r.rolname
    UNION ALL
    SELECT DISTINCT format('GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA tbg_api TO %I', r.rolname)
    FROM roles r, pg_catalog.pg_proc f
    WHERE f.pronamespace = (SELECT oid FROM ours) AND NOT has_function_privilege(r.oid, f.oid, 'EXECUTE')`
  return (yield* decodeGrants(rows)).map(({ grant }) => grant)
})

/** Reads the catalog, and tries to switch the role; changes nothing. */
export const wallFacts = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const facts = yield* found
  const takenOn = yield* sql.withTransaction(sql.unsafe(`SET LOCAL ROLE ${teamRole}`)).pipe(
    Effect.as(true),
    Effect.orElseSucceed(() => false)
  )
  const missing = facts.switches === null ? [] : yield* missingGrants(facts)
  return { ...facts, takenOn, missing } satisfies WallFacts
})

/** Whether Postgres itself isolates tenants, whatever a query asks for. */
export const wallHolds = ({ enabled, forced, owns, passes, switches, takenOn, teamPasses }: WallFacts): boolean =>
  enabled && (switches === true ? takenOn && !teamPasses : !passes && (forced || !owns))

/** Warnings for operators at startup. */
export const wallWarnings = (facts: WallFacts): ReadonlyArray<string> => {
  const { missing, name, switches } = facts
  if (switches === null) return []
  const isolation = wallHolds(facts)
    ? `the role ${teamRole} cannot be assumed, so row-level security is forced on the tables' owner; run \`tbg doctor\``
    : "row-level security is not enforced for this role; run `tbg doctor`"
  return [
    ...(switches && wallHolds(facts) ? [] : [isolation]),
    ...(missing.length === 0 ? [] : [`the role ${name} lacks rights on the schema tbg_api; run \`tbg doctor\``])
  ]
}

/** Statements for an administrator that create the role of tenant statements and switch to it. */
export const isolationStatements = (name: string): ReadonlyArray<string> => [
  `DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '${teamRole}') THEN CREATE ROLE ${teamRole} NOLOGIN; END IF;
  END $$`,
  `GRANT ${teamRole} TO "${name.replaceAll('"', '""')}"`,
  `GRANT USAGE ON SCHEMA tbg_api TO ${teamRole}`,
  ...isolated.map((table) => `GRANT ${privilegesOn(table).join(", ")} ON tbg_api.${table} TO ${teamRole}`),
  `GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA tbg_api TO ${teamRole}`,
  `CREATE OR REPLACE FUNCTION tbg_api.tbg_api_enter(team uuid) RETURNS void LANGUAGE plpgsql
  SET search_path = pg_catalog, tbg_api, pg_temp AS $$
  BEGIN
    PERFORM set_config('tbg.team', team::text, true), set_config('row_security', 'on', true), set_config('role', '${teamRole}', true);
  END $$`,
  ...postFunctions.map((name) => `ALTER FUNCTION tbg_api.${name} SET role = ${teamRole}`),
  ...isolated.map((table) => `ALTER TABLE tbg_api.${table} NO FORCE ROW LEVEL SECURITY`)
]
