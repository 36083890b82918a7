import { Effect, Record, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { ownTables, teamFunctions } from "../baseline/OwnTables.ts"

/** Role under which tenant statements run (`docs/database.md`). */
export const teamRole = "tbg_api_team"

/** Tables whose rows belong to one team each, with the privileges of tenant statements. */
const isolated = Record.map(
  Record.filter(ownTables, ({ rowSecurity }) => rowSecurity),
  ({ teamPrivileges }) => teamPrivileges
)

const Facts = Schema.Struct({
  name: Schema.String,
  /** No policy applies to the session's role. */
  bypassesPolicies: Schema.Boolean,
  /** The session's role owns the tables, so that only forced policies apply to it. */
  isOwner: Schema.Boolean,
  /** No policy applies to the role of tenant statements. */
  teamBypassesPolicies: Schema.Boolean,
  /** Whether tenant statements switch to their role; `null` before the tables are created. */
  switchesRole: Schema.NullOr(Schema.Boolean),
  isEnabled: Schema.Boolean,
  /** Row-level security applies to the owner of the tables too. */
  isForced: Schema.Boolean
})
const decodeFacts = Schema.decodeUnknownEffect(Schema.Tuple([Facts]))
const decodeGrants = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ grant: Schema.String })))

/** Tenant isolation in this database, and the rights of the session's role on the tables. */
export interface IsolationFacts extends Schema.Schema.Type<typeof Facts> {
  readonly canSwitchRole: boolean
  /** `GRANT` statements for missing rights. */
  readonly missingGrants: ReadonlyArray<string>
}

const readFacts = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [facts] = yield* Effect.flatMap(
    sql`
      SELECT me.rolname AS name, me.rolsuper OR me.rolbypassrls AS "bypassesPolicies",
        coalesce(team.rolsuper OR team.rolbypassrls, false) AS "teamBypassesPolicies",
        (
          SELECT bool_and(coalesce(p.prosrc LIKE ${`%${teamRole}%`} OR ${`role=${teamRole}`} = ANY (p.proconfig), false))
          FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
          WHERE n.nspname = 'tbg_api' AND p.proname = ANY (${["tbg_api_enter", ...teamFunctions]})
        ) AS "switchesRole",
        tables."isOwner", tables."isEnabled", tables."isForced"
      FROM pg_catalog.pg_roles me LEFT JOIN pg_catalog.pg_roles team ON team.rolname = ${teamRole}
      CROSS JOIN LATERAL (
        SELECT coalesce(bool_and(c.relrowsecurity), true) AS "isEnabled",
          coalesce(bool_and(c.relforcerowsecurity), true) AS "isForced",
          coalesce(bool_or(pg_has_role(me.oid, c.relowner, 'USAGE')), false) AS "isOwner"
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'tbg_api' AND c.relname = ANY (${Object.keys(isolated)})
      ) tables
      WHERE me.rolname = current_user`,
    decodeFacts
  )
  return facts
})

/** Rights that requests need, by role and table. */
const rightsOf = ({ name, switchesRole }: typeof Facts.Type) => [
  { role: name, table: "migrations", privileges: ["SELECT"] },
  { role: name, table: "teams", privileges: ["SELECT"] },
  { role: name, table: "api_keys", privileges: ["SELECT", "UPDATE"] },
  { role: name, table: "service_facts", privileges: ["SELECT", "INSERT"] },
  { role: name, table: "accounts", privileges: ["SELECT", "INSERT", "UPDATE"] },
  { role: name, table: "account_addresses", privileges: ["SELECT", "INSERT"] },
  ...["signin_challenges", "sessions", "session_tokens", "live_tickets"].map((table) => ({
    role: name,
    table,
    privileges: ["SELECT", "INSERT", "UPDATE", "DELETE"]
  })),
  ...Object.entries(isolated).map(([table, privileges]) => ({
    role: switchesRole === true ? teamRole : name,
    table,
    privileges
  }))
]

const readMissingGrants = Effect.fnUntraced(function* (facts: typeof Facts.Type) {
  const sql = yield* SqlClient.SqlClient
  const roles = facts.switchesRole === true ? [facts.name, teamRole] : [facts.name]
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

/** Reads the catalog and tries to switch the role; changes nothing. */
export const isolationFacts = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const facts = yield* readFacts
  const canSwitchRole = yield* sql.withTransaction(sql.unsafe(`SET LOCAL ROLE ${teamRole}`)).pipe(
    Effect.as(true),
    Effect.orElseSucceed(() => false)
  )
  const missingGrants = facts.switchesRole === null ? [] : yield* readMissingGrants(facts)
  return { ...facts, canSwitchRole, missingGrants } satisfies IsolationFacts
})

/** Whether Postgres isolates tenants for every query. */
export const isIsolated = (facts: IsolationFacts): boolean =>
  facts.isEnabled &&
  (facts.switchesRole === true
    ? facts.canSwitchRole && !facts.teamBypassesPolicies
    : !facts.bypassesPolicies && (facts.isForced || !facts.isOwner))

/** Warnings for operators at startup. */
export const isolationWarnings = (facts: IsolationFacts): ReadonlyArray<string> => {
  const { missingGrants, name, switchesRole } = facts
  if (switchesRole === null) return []
  const isolation = isIsolated(facts)
    ? `role ${teamRole} cannot be assumed; row-level security is forced on the owner of the tables; run \`tbg doctor\``
    : "row-level security is not enforced for this role; run `tbg doctor`"
  return [
    ...(switchesRole && isIsolated(facts) ? [] : [isolation]),
    ...(missingGrants.length === 0 ? [] : [`role ${name} lacks rights on schema tbg_api; run \`tbg doctor\``])
  ]
}

/** Statements for an administrator that create the role of tenant statements and switch to it. */
export const isolationStatements = (name: string): ReadonlyArray<string> => [
  `DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '${teamRole}') THEN CREATE ROLE ${teamRole} NOLOGIN; END IF;
  END $$`,
  `GRANT ${teamRole} TO "${name.replaceAll('"', '""')}"`,
  `GRANT USAGE ON SCHEMA tbg_api TO ${teamRole}`,
  ...Object.entries(isolated).map(
    ([table, privileges]) => `GRANT ${privileges.join(", ")} ON tbg_api.${table} TO ${teamRole}`
  ),
  `GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA tbg_api TO ${teamRole}`,
  `CREATE OR REPLACE FUNCTION tbg_api.tbg_api_enter(team uuid) RETURNS void LANGUAGE plpgsql
  SET search_path = pg_catalog, tbg_api, pg_temp AS $$
  BEGIN
    PERFORM set_config('tbg.team', team::text, true), set_config('row_security', 'on', true), set_config('role', '${teamRole}', true);
  END $$`,
  ...teamFunctions.map((name) => `ALTER FUNCTION tbg_api.${name} SET role = ${teamRole}`),
  ...Object.keys(isolated).map((table) => `ALTER TABLE tbg_api.${table} NO FORCE ROW LEVEL SECURITY`)
]
