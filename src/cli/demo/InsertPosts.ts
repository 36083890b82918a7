import { Array, Clock, Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { TeamId } from "../../domain/Team.ts"
import { timestampOf } from "../../domain/Timestamp.ts"
import { Ids } from "../../services/Ids.ts"
import { inTeam } from "../../services/InTeam.ts"
import { demoPost } from "./DemoPosts.ts"

/** Rows per statement, about a megabyte of parameters. */
const batchSize = 5000

/** Posts are spread over the 90 days before now. */
const spanMicros = 90 * 24 * 60 * 60 * 1_000_000

/** Inserts the first `count` demo posts, oldest first, and calls `advance` after each batch. */
export const insertPosts = Effect.fnUntraced(function* (
  team: TeamId,
  count: number,
  advance: (more: number) => Effect.Effect<void> = () => Effect.void
) {
  const sql = yield* SqlClient.SqlClient
  const { next } = yield* Ids
  const start = (yield* Clock.currentTimeMillis) * 1000 - spanMicros
  const step = Math.floor(spanMicros / count)
  const ids: Array<string> = []

  const makeRow = Effect.fnUntraced(function* (index: number) {
    const { replyDistance, ...text } = demoPost(index)
    // Each post has its own part of the span, so that the order is kept and the gaps vary.
    const at = timestampOf(start + index * step + ((index * 7919) % step))
    const { id } = yield* next
    ids.push(id)
    return { ...text, id, at, parent: replyDistance === 0 ? null : ids[index - replyDistance] }
  })

  for (let from = 0; from < count; from += batchSize) {
    const rows = yield* Effect.forEach(Array.range(from, Math.min(from + batchSize, count) - 1), makeRow)
    yield* sql`
      INSERT INTO tbg_api.posts (id, team_id, author_name, content, tags, parent_post_id, created_at, updated_at)
      SELECT id, ${team}, author_name, content, tags, parent, at, at FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        AS given (id uuid, author_name text, content text, tags text[], parent uuid, at timestamptz)`.pipe(inTeam(team))
    yield* advance(rows.length)
  }
})
