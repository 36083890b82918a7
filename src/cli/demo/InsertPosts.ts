import { Clock, Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { TeamId } from "../../domain/Team.ts"
import { timestampOf } from "../../domain/Timestamp.ts"
import { uuid7Of } from "../../domain/Uuid7.ts"
import { SecureRandom } from "../../services/SecureRandom.ts"
import { withTeam } from "../../services/TeamWall.ts"
import { demoPost } from "./DemoPosts.ts"

/** Rows a statement: a megabyte or so of parameters. */
const batch = 5000

/** Posts are spread over the 90 days before now. */
const spanMicros = 90 * 24 * 60 * 60 * 1_000_000

/** Inserts `count` of the demo's posts, from number 0 on, the newest last; `advance` hears of each batch. */
export const insertPosts = Effect.fnUntraced(function* (
  team: TeamId,
  count: number,
  advance: (more: number) => Effect.Effect<void> = () => Effect.void
) {
  const sql = yield* SqlClient.SqlClient
  const random = yield* SecureRandom
  const start = (yield* Clock.currentTimeMillis) * 1000 - spanMicros
  const step = Math.floor(spanMicros / count)
  const ids: Array<string> = []

  const rowOf = (index: number) => {
    const { answersBack, ...text } = demoPost(index)
    // Somewhere in its own part of the time, so that the order is kept and the distances vary.
    const micros = start + index * step + ((index * 7919) % step)
    const id = uuid7Of(micros, random(8))
    ids.push(id)
    return { ...text, id, at: timestampOf(micros), parent: answersBack === 0 ? null : ids[index - answersBack] }
  }

  for (let from = 0; from < count; from += batch) {
    const rows = Array.from({ length: Math.min(batch, count - from) }, (_, index) => rowOf(from + index))
    yield* sql`
      INSERT INTO tbg_api.posts (id, team_id, author_name, content, tags, parent_post_id, created_at, updated_at)
      SELECT id, ${team}, author_name, content, tags, parent, at, at FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        AS given (id uuid, author_name text, content text, tags text[], parent uuid, at timestamptz)`.pipe(
      withTeam(team)
    )
    yield* advance(rows.length)
  }
})
