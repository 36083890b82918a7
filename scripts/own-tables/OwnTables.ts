import * as NodeServices from "@effect/platform-node/NodeServices"
import { PgClient } from "@effect/sql-pg"
import { Effect, Equal, Record, Ref, Schema } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { Migrator, SqlClient } from "effect/sql"
import { format } from "oxfmt"
import { BaselinePolicy } from "../../src/baseline/BaselinePolicy.ts"
import { catalogWith } from "../../src/baseline/Catalog.ts"
import { normalDefault } from "../../src/baseline/Definition.ts"
import type { FoundTable } from "../../src/baseline/FoundTable.ts"
import type { OwnObjects } from "../../src/baseline/OwnTables.ts"
import { inOwnSchema } from "../../src/baseline/SearchPath.ts"
import { makeEmbeddedDatabase } from "../../src/layers/EmbeddedDatabase.ts"
import { loaderOf, ownFolder } from "../../src/layers/migrations/Folder.ts"
import { migrationName } from "../../src/layers/migrations/History.ts"

/** Earlier migrations may have created the tables in another schema, so nothing is expected before this one. */
const firstInOwnSchema = "0004_move_to_schema"

const decodeNames = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ name: Schema.String })))

/** Reads our tables, without partitions and without the indexes of constraints. */
export const readTables = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql`
    SELECT relname AS name FROM pg_catalog.pg_class
    WHERE relnamespace = 'tbg_api'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition`
  const names = (yield* decodeNames(rows)).map(({ name }) => name)
  const { own } = yield* sql.withTransaction(catalogWith(names))
  return Record.map(own.tables, (table): FoundTable => ({
    ...table,
    columns: Record.map(table.columns, (column) => ({ ...column, default: normalDefault(column.default) })),
    indexes: Record.filter(table.indexes, (_, name) => !Object.hasOwn(table.constraints, name))
  }))
})

const decodeRights = Schema.decodeUnknownEffect(
  Schema.Tuple([
    Schema.Struct({
      privileges: Schema.Record(Schema.String, Schema.Array(Schema.String)),
      functions: Schema.Array(Schema.String)
    })
  ])
)

/** Privileges on tables and functions of the role of tenant statements. */
const readTeamRights = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql`
    SELECT
      (
        SELECT json_object_agg(relname, ARRAY(
          SELECT p FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) p
          WHERE has_table_privilege('tbg_api_team', c.oid, p)
        ))
        FROM pg_catalog.pg_class c WHERE relnamespace = 'tbg_api'::regnamespace AND relkind IN ('r', 'p')
      ) AS privileges,
      ARRAY(
        SELECT DISTINCT proname::text FROM pg_catalog.pg_proc
        WHERE pronamespace = 'tbg_api'::regnamespace AND 'role=tbg_api_team' = ANY (proconfig) ORDER BY 1
      ) AS functions`
  const [rights] = yield* decodeRights(rows)
  return rights
})

type Tables = Readonly<Record<string, FoundTable & { readonly migration: string }>>

/** Runs the migrations on an empty database, and reads the tables after each. */
export const createdObjects = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE SCHEMA tbg_api`
  const tables = yield* Ref.make<Tables>({})
  const loader = loaderOf(ownFolder, (migration, effect) =>
    Effect.gen(function* () {
      yield* inOwnSchema(effect)
      const name = migrationName(migration)
      const changedBy = name < firstInOwnSchema ? firstInOwnSchema : name
      const found = yield* readTables
      yield* Ref.update(tables, (before) =>
        Record.map(found, (table, key) => {
          const { migration = changedBy, ...same } = before[key] ?? {}
          return { migration: Equal.equals(same, table) ? migration : changedBy, ...table }
        })
      )
    })
  )
  yield* Migrator.make({})({ loader })
  const { functions, privileges } = yield* readTeamRights
  return {
    tables: Record.map(yield* Ref.get(tables), (table, name) => ({ ...table, teamPrivileges: privileges[name] ?? [] })),
    teamFunctions: functions
  } satisfies OwnObjects
}).pipe(
  Effect.provideService(BaselinePolicy, { environment: "test", policy: "create" }),
  Effect.provide(NodeServices.layer)
)

const openEmbedded = Effect.flatMap(makeEmbeddedDatabase({ folder: undefined, statementTimeoutMs: 8000 }), (embedded) =>
  PgClient.make({ ...embedded, maxConnections: 4, multiplex: false })
).pipe(Effect.provide(Reactivity.layer))

export const ownTablesText = createdObjects.pipe(
  Effect.provide(PgClient.layerFrom(openEmbedded)),
  Effect.flatMap((objects) =>
    Effect.promise(() => format("OwnTables.json", JSON.stringify(objects), { printWidth: 120 }))
  ),
  Effect.map(({ code }) => code)
)
