import { describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { freshDatabase, testClient } from "../support/TestDatabase.ts"
import { migratesUpAndDown } from "../support/TeamMigrationsSuite.ts"

describe("the migrations of teams and posts on Postgres", () => {
  it.effect("migrate up, down without a trace, and up again", () =>
    Effect.flatMap(freshDatabase, ({ url }) => Effect.provide(migratesUpAndDown, testClient(url)))
  )
})
