import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { inTeam } from "../../src/services/InTeam.ts"
import { Idempotency } from "../../src/services/Idempotency.ts"
import { Posts } from "../../src/services/Posts.ts"
import { capturedLogs } from "../support/CapturedLogs.ts"
import { databaseOf } from "../support/DatabaseOwner.ts"
import type { Owner } from "../support/DatabaseOwner.ts"
import { newWrite } from "../support/IdempotencySuite.ts"
import { sqlServices, teamMigrationsUp, textOf } from "../support/MigratedServices.ts"
import { testClient } from "../support/TestDatabase.ts"
import { databaseAt } from "../support/TestDatabaseLayer.ts"

/** The services over a database migrated by this owner, who also logs in. */
const servicesOf = (owner: Owner) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const url = yield* databaseOf(owner)
      yield* Effect.provide(teamMigrationsUp, testClient(url))
      return Layer.provideMerge(sqlServices, databaseAt(Redacted.value(url)))
    })
  )

/** Two teams, each with a post and an idempotency record. */
const twoTeams = Effect.gen(function* () {
  const { once } = yield* Idempotency
  const writes = yield* Effect.all([newWrite, newWrite])
  yield* Effect.forEach(writes, ({ ask, write }) => once(ask, write))
  const [own, other] = writes.map(({ ask }) => ask.team)
  return own === undefined || other === undefined ? yield* Effect.die("there are two") : { own, other }
})

const isolatedTables = ["posts", "post_counts", "idempotency_keys"].map((table) => `tbg_api.${table}`)
const teamsIn = (table: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    sql.withTransaction(
      Effect.andThen(sql`SET LOCAL row_security = on`, sql.unsafe(`SELECT DISTINCT team_id FROM ${table}`))
    )
  )

describe.each<Owner>(["superuser", "creator", "plain"])("tenant isolation in the tables of a %s", (owner) => {
  // Without the role tbg_api_team, the policies are forced on the owner too.
  const passesBy = owner !== "plain"
  layer(servicesOf(owner))((it) => {
    it.effect("shows a team only its own rows in a query for all rows", () =>
      Effect.gen(function* () {
        const { own } = yield* twoTeams
        const seen = yield* inTeam(own)(Effect.forEach(isolatedTables, teamsIn))
        assert.deepStrictEqual(seen, [[{ team_id: own }], [{ team_id: own }], [{ team_id: own }]])
      })
    )

    it.effect.each([
      [
        "a new row",
        (other: string) =>
          `INSERT INTO tbg_api.posts SELECT gen_random_uuid(), '${other}', 'a', 'b', NULL, NULL, now(), now()`
      ],
      ["a row made over", (other: string) => `UPDATE tbg_api.posts SET team_id = '${other}'`],
      ["a count", (other: string) => `INSERT INTO tbg_api.post_counts VALUES ('${other}', 99, 1)`]
    ] as const)("does not give another team %s", ([, statement]) =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const { other, own } = yield* twoTeams
        const error = yield* Effect.flip(inTeam(own)(sql.unsafe(statement(other))))
        assert.strictEqual(error.reason._tag, "AuthorizationError")
      })
    )

    it.effect("does not change or delete rows of another team", () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const { list } = yield* Posts
        const { other, own } = yield* twoTeams
        const before = yield* list(other, { limit: 10, offset: 0 })
        const changed = yield* inTeam(own)(
          Effect.all([
            sql`UPDATE tbg_api.posts SET content = 'mine' WHERE team_id = ${other} RETURNING id`,
            sql`DELETE FROM tbg_api.idempotency_keys WHERE team_id = ${other} RETURNING key`,
            sql`DELETE FROM tbg_api.posts WHERE team_id = ${other} RETURNING id`
          ])
        )
        assert.deepStrictEqual(changed, [[], [], []])
        assert.deepStrictEqual(yield* list(other, { limit: 10, offset: 0 }), before)
      })
    )

    it.effect("rejects a reply to another team's post, even without a query for it", () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const { create } = yield* Posts
        const { other, own } = yield* twoTeams
        const { id } = yield* create(other, textOf())
        const reply = sql`INSERT INTO tbg_api.posts VALUES (gen_random_uuid(), ${own}, 'a', 'b', NULL, ${id}, now(), now())`
        const { reason } = yield* Effect.flip(inTeam(own)(reply))
        assert.strictEqual(reason._tag, "ConstraintError")
        assert.include(String(reason.cause), "posts_parent_fkey")
      })
    )

    it.effect(`shows the owner ${passesBy ? "every" : "no"} row if no team is named`, () =>
      Effect.gen(function* () {
        yield* twoTeams
        const seen = yield* Effect.forEach(isolatedTables, teamsIn)
        assert.deepStrictEqual(
          seen.map((rows) => rows.length > 0),
          [passesBy, passesBy, passesBy]
        )
      })
    )
  })

  it.effect("gets a startup warning if the role tbg_api_team cannot be assumed", () =>
    Effect.gen(function* () {
      const logs = yield* capturedLogs
      const url = yield* databaseOf(owner)
      yield* teamMigrationsUp.pipe(Effect.provide(testClient(url)), Effect.provide(logs.layer))
      const warning =
        "the role tbg_api_team cannot be made or taken on: a superuser would pass the wall between teams by"
      assert.deepStrictEqual(logs.warnings(), owner === "plain" ? [warning] : [])
    })
  )
})

/** Postgres 15 lets it grant itself any role. From 16 on it may not, and the policies are forced on it instead. */
layer(servicesOf("stranger"))("tenant isolation in the tables of a role without ADMIN on the team's", (it) => {
  it.effect("shows a team only its own rows in a query for all rows", () =>
    Effect.gen(function* () {
      const { own } = yield* twoTeams
      const seen = yield* inTeam(own)(Effect.forEach(isolatedTables, teamsIn))
      assert.deepStrictEqual(seen, [[{ team_id: own }], [{ team_id: own }], [{ team_id: own }]])
    })
  )
})
