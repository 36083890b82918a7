import { assert, layer } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { TeamId } from "../../src/domain/Team.ts"
import { Posts } from "../../src/services/Posts.ts"
import { inTeam } from "../../src/services/InTeam.ts"
import { newTeam, realServices } from "../support/MigratedServices.ts"

const decodeSource = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ text: Schema.String })]))
const decodePlan = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ "QUERY PLAN": Schema.String })))

const parameters = ["team", "before_at", "before_id", "take", "skip"]

/** The page query as the function runs it, with numbered parameters. */
const pageQuery = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [{ text }] = yield* Effect.flatMap(
    sql`SELECT prosrc AS text FROM pg_proc WHERE proname = 'tbg_api_list_posts'`,
    decodeSource
  )
  const query = /RETURN QUERY([^;]*);/u.exec(text)?.[1] ?? (yield* Effect.die("the function returns a query"))
  return parameters.reduce(
    (rest, name, index) => rest.replaceAll(new RegExp(`\\b${name}\\b`, "gu"), `$${index + 1}`),
    query
  )
})

/** Creates this many posts a second apart, and their statistics. */
const fill = (team: TeamId, count: number) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`
      INSERT INTO tbg_api.posts SELECT gen_random_uuid(), ${team}, 'Ada', 'Hello', NULL, NULL, at, at
      FROM generate_series(1, ${count}::int) n, LATERAL (SELECT timestamptz '2027-01-01' + n * interval '1 second' AS at) t`
    yield* sql`ANALYZE tbg_api.posts`
    yield* sql`ANALYZE tbg_api.post_counts`
  })

layer(realServices)("the query plan of a page", (it) => {
  it.effect.each([
    ["the first page", "force_custom_plan", "infinity", 0],
    ["a deep place", "force_custom_plan", "2027-01-01T00:10:00Z", 0],
    ["any page, planned once for all", "force_generic_plan", "2027-01-01T00:10:00Z", 0],
    ["an offset", "force_custom_plan", "infinity", 100]
  ] as const)("reads %s in index order, without a sort", ([, mode, before, offset]) =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const { id: team } = yield* newTeam
      yield* fill(team, 50_000)
      const query = yield* pageQuery
      const explained = Effect.gen(function* () {
        yield* sql.unsafe(`SET LOCAL plan_cache_mode = ${mode}`)
        yield* sql`SET LOCAL search_path = tbg_api`
        yield* sql`SET LOCAL quote_all_identifiers = off`
        yield* sql.unsafe(`PREPARE page (uuid, timestamptz, uuid, integer, integer) AS ${query}`)
        const rows = yield* sql.unsafe(
          `EXPLAIN EXECUTE page ('${team}', '${before}', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 11, ${offset})`
        ).unprepared
        yield* sql.unsafe("DEALLOCATE page")
        return rows
      })
      const plan = (yield* Effect.flatMap(inTeam(team)(explained), decodePlan))
        .map((row) => row["QUERY PLAN"])
        .join("\n")
      assert.include(plan, "Index Scan Backward using posts_newest_idx on posts p")
      assert.include(plan, "(created_at, id) < ROW(")
      assert.notInclude(plan, "Sort")
      assert.notInclude(plan, "Seq Scan on posts")
    })
  )

  it.effect("has a statement for several creations with an exact row count", () =>
    Effect.gen(function* () {
      const { list } = yield* Posts
      const { id: team } = yield* newTeam
      yield* fill(team, 5000)
      assert.strictEqual((yield* list(team, { limit: 1, offset: 4990 })).total, 5000)
    })
  )
})
