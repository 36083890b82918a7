import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { createHash } from "node:crypto"
import { inject } from "vitest"
import { ownTables } from "../../src/baseline/OwnTables.ts"
import { ApiKeyId } from "../../src/domain/ApiKey.ts"
import { PostId } from "../../src/domain/Post.ts"
import { TeamId } from "../../src/domain/Team.ts"
import { makeToken } from "../../src/services/apiKeys/Token.ts"
import { ApiKeys } from "../../src/services/ApiKeys.ts"
import { Idempotency } from "../../src/services/Idempotency.ts"
import { Posts } from "../../src/services/Posts.ts"
import { Secrets } from "../../src/services/Secrets.ts"
import { databaseOf } from "../support/DatabaseOwner.ts"
import type { Owner } from "../support/DatabaseOwner.ts"
import { existingDatabase } from "../support/Catalog.ts"
import { plainCatalog } from "../support/CatalogFixture.ts"
import { ownTableNames, tableNames } from "../support/Fingerprint.ts"
import { previousLayout, laterMigrations, rowsIn } from "../support/PreviousLayout.ts"
import { secretsOf, sqlServices, textOf } from "../support/MigratedServices.ts"
import { migrationsFolder } from "../support/OwnMigrations.ts"
import { freshDatabase, testClient } from "../support/TestDatabase.ts"
import { databaseAt } from "../support/TestDatabaseLayer.ts"
import { migrationsWith, namesOf, onFreshDatabase, run } from "../support/TestMigrations.ts"

const own = migrationsWith({ folder: migrationsFolder })

const idOf = (digit: number) => `0197a000-0000-7000-8000-00000000000${digit}`
const [team, gone] = [TeamId.make(idOf(1)), TeamId.make(idOf(2))]
const apiKey = ApiKeyId.make(idOf(3))
const [parent, reply, deleted] = [PostId.make(idOf(4)), PostId.make(idOf(5)), PostId.make(idOf(6))]
const at = "2027-01-15T08:00:00.123456Z"

const token = makeToken(apiKey, () => 7)
const secret = secretsOf("the secret of these tests, 32 or more")
const request = "POST /v1/teams/t/posts {}"

const hex = (bytes: Uint8Array) => `decode('${Buffer.from(bytes).toString("hex")}', 'hex')`

/** Rows in each of our tables, as the previous version wrote them. */
const formerRows = Effect.gen(function* () {
  const { sign } = yield* Secrets
  const hash = hex(sign("api-key", Redacted.value(token)))
  const requestHash = hex(createHash("sha256").update(request).digest())
  // That version fails under `row_security = off`.
  const inTeam = (statement: string) =>
    Effect.flatMap(SqlClient.SqlClient, (sql) =>
      sql.withTransaction(Effect.andThen(run("SET LOCAL row_security = on"), run(statement)))
    )
  const post = (id: string, parent: string) =>
    inTeam(`SELECT tbg_api_create_post('${team}', '${id}', '${at}', 'Ada', 'Hello', ARRAY['a'], ${parent})`)
  yield* run(
    `INSERT INTO teams VALUES ('${team}', 't', '${at}', '${at}', NULL), ('${gone}', 'gone', '${at}', '${at}', '${at}')`
  )
  yield* run(`INSERT INTO api_keys VALUES ('${apiKey}', '${team}', 'label', ${hash}, NULL, NULL, '${at}', '${at}')`)
  yield* post(parent, "NULL")
  yield* post(reply, `'${parent}'`)
  yield* post(deleted, "NULL")
  yield* inTeam(`SELECT tbg_api_delete_post('${team}', '${deleted}', '${at}')`)
  yield* run(`INSERT INTO idempotency_keys VALUES
    ('${team}', '${apiKey}', 'once', ${requestHash}, 201, '/there', '{"post":1}', '${at}', 'infinity')`)
}).pipe(Effect.provide(secret))

/** Checks that a caller of the previous version finds its data. */
const everythingWorks = Effect.gen(function* () {
  const keys = yield* ApiKeys
  const posts = yield* Posts
  const { once } = yield* Idempotency
  assert.deepStrictEqual(yield* keys.authenticate(Redacted.value(token)), {
    keyId: apiKey,
    team: { id: team, name: "t" }
  })
  const page = yield* posts.list(team, { limit: 10, offset: 0 })
  assert.deepStrictEqual([page.total, page.items.map(({ id }) => id)], [2, [reply, parent]])
  assert.deepInclude(yield* posts.find(team, reply), { timestamp: at, parent_post_id: parent, tags: ["a"] })
  assert.strictEqual((yield* posts.restore(team, deleted)).id, deleted)
  yield* posts.create(team, textOf({ parent_post_id: deleted, tags: ["b"] }))
  assert.strictEqual((yield* posts.list(team, { limit: 10, offset: 0 })).total, 4)
  const ask = { team, apiKey, key: "once", request }
  assert.deepStrictEqual(yield* once(ask, Effect.die("written before")), {
    response: { status: 201, location: "/there", body: '{"post":1}' },
    replayed: true
  })
  yield* posts.remove(team, parent)
  assert.strictEqual(yield* posts.purge(team, "2030-01-01T00:00:00Z", 10), 1)
})

/** The same database with the superuser of the test server. */
const superuserOf = (url: Redacted.Redacted): Redacted.Redacted => {
  const own = new URL(inject("postgres").url)
  own.pathname = new URL(Redacted.value(url)).pathname
  return Redacted.make(own.href)
}

describe("0004_move_to_schema", () => {
  it.effect.each<readonly [string, Owner]>([
    ["a superuser", "superuser"],
    ["a role with CREATEROLE", "creator"],
    ["a plain role", "plain"]
  ])("moves all rows of a previous version's database owned by %s, and they stay usable", ([, owner]) =>
    Effect.gen(function* () {
      const url = yield* databaseOf(owner)
      const client = yield* Layer.build(testClient(url))
      // Forced policies hide the rows from the owner too.
      const asSuperuser = Effect.provide(testClient(superuserOf(url)))
      yield* Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        const theirs = yield* tableNames
        yield* previousLayout
        yield* asSuperuser(formerRows)
        const rows = yield* asSuperuser(rowsIn("public"))
        const { drift, status, up } = yield* own
        const pending = yield* laterMigrations
        assert.deepStrictEqual(
          (yield* status).filter(({ appliedAt }) => appliedAt === null).map(({ name }) => name),
          pending
        )
        assert.deepStrictEqual(namesOf(yield* up), pending)
        assert.strictEqual(yield* drift, "none")
        assert.deepStrictEqual(yield* asSuperuser(rowsIn("tbg_api")), rows)
        assert.deepStrictEqual(yield* tableNames, theirs)
        assert.sameMembers(yield* ownTableNames, ["migrations", ...Object.keys(ownTables)])
        assert.deepStrictEqual(
          yield* run("SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"),
          []
        )
        assert.deepStrictEqual(
          (yield* status).map(({ version }) => version),
          ["0.1.0", "0.1.0", "0.1.0", ...pending.map(() => "1.2.3")]
        )
      }).pipe(Effect.provide(client))
      yield* everythingWorks.pipe(Effect.provide(sqlServices), Effect.provide(databaseAt(Redacted.value(url))))
    })
  )

  it.effect("is listed by plan, which leaves the ledger and the tables where they are", () =>
    onFreshDatabase(
      Effect.gen(function* () {
        yield* existingDatabase(plainCatalog)
        yield* previousLayout
        const tables = yield* tableNames
        const { steps } = yield* (yield* own).plan
        assert.deepStrictEqual(
          steps.map(({ name }) => name),
          yield* laterMigrations
        )
        assert.include(steps[0]?.statements.join("\n"), "ALTER TABLE public.api_keys SET SCHEMA tbg_api")
        assert.deepStrictEqual(yield* tableNames, tables)
        assert.deepStrictEqual(yield* ownTableNames, [])
      })
    )
  )

  it.effect("runs once if eight processes start together", () =>
    Effect.gen(function* () {
      const { url } = yield* freshDatabase
      yield* Effect.andThen(existingDatabase(plainCatalog), previousLayout).pipe(Effect.provide(testClient(url)))
      const start = Effect.flatMap(own, ({ up }) => up).pipe(Effect.provide(testClient(url), { local: true }))
      const ran = yield* Effect.all(
        Array.from({ length: 8 }, () => start),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(ran.flatMap(namesOf), yield* laterMigrations)
    })
  )
})
