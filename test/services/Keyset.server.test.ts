import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { PageRequest } from "../../src/domain/Page.ts"
import { newestFirst, pageOf } from "../../src/services/Keyset.ts"
import { freshDatabase, testClient } from "../support/TestDatabase.ts"

interface Item {
  readonly id: string
  readonly timestamp: string
}

const idOf = (index: number): string => `00000000-0000-7000-8000-${String(index).padStart(12, "0")}`

/** Seven items, of which three have the same time. */
const rows = [1, 2, 2, 2, 3, 4, 5].map((second, index) => ({
  id: idOf(index),
  timestamp: `2027-01-15T08:00:0${second}.000000Z`
}))

const walk = Effect.fnUntraced(function* (limit: number) {
  const sql = yield* SqlClient.SqlClient
  const read = Effect.fnUntraced(function* (request: PageRequest) {
    const items = yield* sql<Item>`
      SELECT id::text, to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS timestamp
      FROM items WHERE ${newestFirst(sql, request)}`
    return pageOf(request, items, rows.length)
  })
  let page = yield* read({ limit, offset: 0 })
  const walked = [...page.items]
  while (page.hasMore) {
    const after = walked.at(-1) ?? (yield* Effect.die("a page that others follow is not empty"))
    page = yield* read({ limit, after })
    walked.push(...page.items)
  }
  return walked.map(({ id }) => id)
})

describe("newestFirst", () => {
  it.live.each([1, 2, 3, 7, 8])("reads every item once, also those of one time, in pages of %i", (limit) =>
    Effect.gen(function* () {
      const { url } = yield* freshDatabase
      const walked = yield* Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* sql`CREATE TABLE items (id uuid PRIMARY KEY, created_at timestamptz NOT NULL)`
        yield* sql`INSERT INTO items SELECT id, timestamp
          FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS row (id uuid, timestamp timestamptz)`
        return yield* walk(limit)
      }).pipe(Effect.provide(testClient(url)))
      assert.deepStrictEqual(walked, rows.map(({ id }) => id).toReversed())
    })
  )
})
