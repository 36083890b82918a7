import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { Posts } from "../../src/services/Posts.ts"
import { newTeam, sqlServices, teamMigrationsDown, teamMigrationsUp, textOf } from "./MigratedServices.ts"
import { schemaObjects } from "./SchemaObjects.ts"

/** One team creates and reads a post. */
const isUsable = Effect.gen(function* () {
  const { create, list } = yield* Posts
  const { id } = yield* newTeam
  const post = yield* create(id, textOf({ tags: ["a"] }))
  assert.deepStrictEqual(yield* list(id, { limit: 10, offset: 0 }), { items: [post], total: 1, hasMore: false })
}).pipe(Effect.provide(sqlServices))

/** The migrations on an empty database: up, down, and up again with rows. */
export const migratesUpAndDown = Effect.gen(function* () {
  const empty = yield* schemaObjects
  yield* teamMigrationsUp
  const made = yield* schemaObjects
  yield* isUsable
  yield* teamMigrationsDown
  assert.deepStrictEqual(yield* schemaObjects, empty)
  yield* teamMigrationsUp
  assert.deepStrictEqual(yield* schemaObjects, made)
  yield* isUsable
})
