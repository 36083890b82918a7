import { DateTime, Effect, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import createTables, { down as dropTables } from "../../migrations/0002_create_teams_keys_posts.ts"
import createFacts, { down as dropFacts } from "../../migrations/0006_create_service_facts.ts"
import createFunctions, { down as dropFunctions } from "../../migrations/0003_create_post_functions.ts"
import moveToSchema, { down as force } from "../../migrations/0004_move_to_schema.ts"
import replaceFunctions from "../../migrations/0005_replace_post_functions.ts"
import useDomains, { down as useChecks } from "../../migrations/0007_check_posts_by_domains.ts"
import createInBatches, { down as dropBatches } from "../../migrations/0008_create_posts_in_batches.ts"
import { inOwnSchema, onlyInOwnSchema } from "../../src/baseline/SearchPath.ts"
import type { PostText } from "../../src/domain/Post.ts"
import { ApiKeys } from "../../src/services/ApiKeys.ts"
import { Idempotency } from "../../src/services/Idempotency.ts"
import { Ids } from "../../src/services/Ids.ts"
import { Posts } from "../../src/services/Posts.ts"
import { Secrets } from "../../src/services/Secrets.ts"
import { Teams } from "../../src/services/Teams.ts"
import { inMemory } from "./memory/Services.ts"
import { freshDatabase, testClient } from "./TestDatabase.ts"
import { databaseAt } from "./TestDatabaseLayer.ts"

const inTransaction = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => sql.withTransaction(effect))

const createSchema = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`CREATE SCHEMA IF NOT EXISTS tbg_api`)

/** The migrations of teams and posts, in one transaction in our schema, as the runner applies them. */
export const teamMigrationsUp = inTransaction(
  Effect.andThen(
    createSchema,
    inOwnSchema(
      Effect.all([
        createTables,
        createFunctions,
        moveToSchema,
        replaceFunctions,
        createFacts,
        useDomains,
        createInBatches
      ])
    )
  )
)
export const teamMigrationsDown = inTransaction(
  onlyInOwnSchema(Effect.all([dropBatches, useChecks, dropFacts, force, dropFunctions, dropTables]))
)

const migrated = (database: typeof freshDatabase) =>
  Effect.tap(database, ({ url }) => Effect.provide(teamMigrationsUp, testClient(url)))

/** A separate database with the tables of teams and posts. */
export const migratedDatabase = migrated(freshDatabase)

export const secretsOf = (current: string, previous?: string) =>
  Secrets.layer({
    current: Redacted.make(current),
    previous: previous === undefined ? undefined : Redacted.make(previous)
  })

const cacheSeconds = 5
const basis = Layer.merge(Ids.layer, secretsOf("the secret of these tests, 32 or more"))

/** The services over the client in scope. */
export const sqlServices = Layer.mergeAll(
  Teams.layer,
  Posts.layer,
  Idempotency.layer,
  ApiKeys.layer({ cacheSeconds })
).pipe(Layer.provideMerge(basis))

/** The driver truncates times to milliseconds towards the year 2000. Rows have current times here, as in production. */
const inOurTime = Layer.effectDiscard(
  TestClock.setTime(DateTime.toEpochMillis(DateTime.makeUnsafe("2027-01-15T08:00:00Z")))
)

export const memoryServices = inMemory({ cacheSeconds }).pipe(Layer.provideMerge(basis), Layer.provideMerge(inOurTime))

/** The services and their client over a separate database. */
export const realServicesOn = (database: typeof freshDatabase) =>
  sqlServices.pipe(
    Layer.provideMerge(Layer.unwrap(Effect.map(migrated(database), ({ url }) => databaseAt(Redacted.value(url))))),
    Layer.provideMerge(inOurTime)
  )

export const realServices = realServicesOn(freshDatabase)

export type TestServices = Layer.Success<typeof memoryServices>

/** A team that no other test uses. */
export const newTeam = Effect.gen(function* () {
  const { id } = yield* (yield* Ids).next
  return yield* (yield* Teams).create(`t${id.replaceAll("-", "")}`)
})

/** Input of a post, with fields that a test changes. */
export const textOf = (changed: Partial<PostText> = {}): PostText => ({
  author_name: "Ada",
  content: "Hello",
  tags: null,
  parent_post_id: null,
  ...changed
})
