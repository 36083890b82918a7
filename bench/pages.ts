// Checks that a page deep in a long list costs as much as the first one: 1,000,000 posts of one team, pages of ten. Prints
// the medians in milliseconds. The first page is measured twice, to show the variation between equal measurements.
import { Effect, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { PostId } from "../src/domain/Post.ts"
import type { PageRequest } from "../src/domain/Page.ts"
import { Posts } from "../src/services/Posts.ts"
import { newTeam, sqlServices, teamMigrationsUp } from "../test/support/MigratedServices.ts"
import { testClient } from "../test/support/TestDatabase.ts"
import { databaseAt } from "../test/support/TestDatabaseLayer.ts"
import { durablePostgres } from "./Backends.ts"
import { median } from "./Service.ts"

const count = 1_000_000
const rounds = 300
const limit = 10
const id = PostId.make("ffffffff-ffff-ffff-ffff-ffffffffffff")

const pages: ReadonlyArray<readonly [name: string, request: PageRequest]> = [
  ["first page", { limit, offset: 0 }],
  ["place after 500,000", { limit, after: { timestamp: "2027-01-01T00:00:00.500000Z", id } }],
  ["place after 999,980", { limit, after: { timestamp: "2027-01-01T00:00:00.000020Z", id } }],
  ["first page again", { limit, offset: 0 }]
]

const measured = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const posts = yield* Posts
  const { id: team } = yield* newTeam
  yield* sql`
    INSERT INTO tbg_api.posts SELECT gen_random_uuid(), ${team}, 'Ada', repeat('x', 200), ARRAY['a', 'b'], NULL, at, at
    FROM generate_series(1, ${count}::int) n, LATERAL (SELECT timestamptz '2027-01-01' + n * interval '1 microsecond' AS at) t`
  yield* sql`VACUUM ANALYZE tbg_api.posts`
  const times = pages.map((): Array<number> => [])
  for (let round = 0; round < rounds; round++) {
    for (const [index, [, request]] of pages.entries()) {
      const startedAt = performance.now()
      yield* posts.list(team, request)
      times[index]?.push(performance.now() - startedAt)
    }
  }
  process.stdout.write(`${(yield* posts.list(team, { limit, offset: 0 })).total} posts\n`)
  for (const [index, [name]] of pages.entries()) {
    process.stdout.write(`${name}: ${median(times[index] ?? []).toFixed(3)} ms\n`)
  }
})

const program = Effect.gen(function* () {
  const { url } = yield* durablePostgres
  yield* Effect.provide(teamMigrationsUp, testClient(Redacted.make(url)))
  const database = databaseAt(url, { TBG_DATABASE_STATEMENT_TIMEOUT_MS: "120000" })
  yield* Effect.provide(measured, Layer.provideMerge(sqlServices, database))
})

await Effect.runPromise(Effect.scoped(program))
