import type { SqlClient } from "effect/sql"
import type { Page, PageRequest, Place } from "../domain/Page.ts"

/** Start of a list: newer than any item. */
const beginning: Place = { timestamp: "infinity", id: "ffffffff-ffff-ffff-ffff-ffffffffffff" }

/** Bounds of a page in SQL. `take` is one more than the limit, to detect whether another page follows. */
export const boundsOf = (request: PageRequest) => ({
  after: "after" in request ? request.after : beginning,
  offset: "offset" in request ? request.offset : 0,
  take: request.limit + 1
})

/** Condition, order and bounds of a page in SQL, newest first, by the columns `created_at` and `id`. */
export const newestFirst = (sql: SqlClient.SqlClient, request: PageRequest) => {
  const { after, offset, take } = boundsOf(request)
  return sql`(created_at, id) < (${after.timestamp}, ${after.id})
    ORDER BY created_at DESC, id DESC LIMIT ${take} OFFSET ${offset}`
}

/** Page made of `items`, which were read with the bounds of the request. */
export const pageOf = <Item>({ limit }: PageRequest, items: ReadonlyArray<Item>, total: number): Page<Item> => ({
  items: items.slice(0, limit),
  total,
  hasMore: items.length > limit
})
