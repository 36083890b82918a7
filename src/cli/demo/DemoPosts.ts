import { Array, Clock, Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { TeamId } from "../../domain/Team.ts"
import { timestampOf } from "../../domain/Timestamp.ts"
import { Ids } from "../../services/Ids.ts"
import { inTeam } from "../../services/InTeam.ts"

const authors = ["Ada", "Bruno", "Chiara", "Dmitri", "Eun-ji", "Farida", "Gonçalo", "Hal"]

const openings = [
  "My best share today was",
  "The rig in the garage is at",
  "Since the last adjustment I see",
  "After the firmware update I get",
  "On the small worker I count",
  "Over the night the pool gave me"
]

const measures = ["G of difficulty", "TH/s on average", "accepted shares an hour", "stale shares out of a thousand"]

const closings = [
  "Does anyone else see that?",
  "Not bad for a board that I found at a flea market.",
  "The graph on the dashboard agrees.",
  "I will let it run until Sunday and compare.",
  "Week's ranking, here I come.",
  "It was half of that in spring."
]

const replies = [
  "Same here, within a few percent.",
  "Have you tried another pool address?",
  "Well done!\nKeep us posted.",
  "Mine dropped too; a new power supply fixed it.",
  "That looks like the difficulty adjustment to me."
]

const tagSets: ReadonlyArray<ReadonlyArray<string> | null> = [
  ["mining"],
  ["hardware", "firmware"],
  null,
  ["difficulty"],
  ["pool", "question"],
  []
]

const pick = (list: ReadonlyArray<string>, at: number): string => list[at % list.length] ?? ""

/**
 * Returns the demo post at an index. Every third post replies to the one `replyDistance` posts earlier; the distance of
 * the others is 0.
 */
export const demoPost = (index: number) => {
  const replyDistance = index > 0 && index % 3 === 2 ? 1 + (Math.floor(index / 3) % Math.min(index, 5)) : 0
  const figure = 10 + ((index * 37) % 890)
  const opening = pick(openings, index)
  const measure = pick(measures, Math.floor(index / 2))
  return {
    author_name: pick(authors, index * 5 + Math.floor(index / 8)),
    content:
      replyDistance > 0
        ? pick(replies, Math.floor(index / 3))
        : `${opening} ${figure} ${measure}. ${pick(closings, Math.floor(index / 6))}`,
    tags: tagSets[index % tagSets.length] ?? null,
    replyDistance
  }
}

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
