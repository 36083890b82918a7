import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import { Post, PostId, PostNotFound } from "../domain/Post.ts"
import type { PostText } from "../domain/Post.ts"
import type { Page, PageRequest } from "../domain/Page.ts"
import type { TeamId } from "../domain/Team.ts"
import { Ids } from "./Ids.ts"
import { doneOf, makeCreate } from "./posts/CreateBatches.ts"
import { reads } from "./Reads.ts"
import { inTeam } from "./InTeam.ts"
import { boundsOf, pageOf } from "./Keyset.ts"
import { traced } from "./Traced.ts"
import { writes } from "./Writes.ts"

/** Posts were checked when they were written. Checking a page again costs more than reading it. */
const unchecked = { disableChecks: true }
const decodePosts = Schema.decodeUnknownEffect(Schema.Array(Post), unchecked)
const decodeTotal = Schema.decodeUnknownEffect(Schema.NonEmptyArray(Schema.Struct({ total: Schema.BigInt })), unchecked)

/** Offset from which a page takes milliseconds, because Postgres reads each skipped row. */
const longOffset = 500

interface Row {
  readonly id: unknown
}
type Rows = Effect.Effect<ReadonlyArray<unknown>, SqlError>

const oneOf = (id: PostId, rows: Rows): Effect.Effect<Post, PostNotFound> =>
  rows.pipe(
    Effect.flatMap(decodePosts),
    Effect.orDie,
    Effect.flatMap(([post]) => (post === undefined ? Effect.fail(new PostNotFound({ id })) : Effect.succeed(post)))
  )

const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { long, short } = yield* reads
  const write = yield* writes
  const { next, now } = yield* Ids

  const createPost = yield* makeCreate

  const create = Effect.fnUntraced(function* (team: TeamId, text: PostText) {
    const { at, id } = yield* next
    const isCreated = yield* Effect.orDie(createPost({ team, id, at, text }))
    if (!isCreated) return yield* new PostNotFound({ id: text.parent_post_id ?? PostId.make(id) })
    return { ...text, id: PostId.make(id), timestamp: at }
  })

  const list = Effect.fnUntraced(function* (team: TeamId, request: PageRequest) {
    const { after, offset, take } = boundsOf(request)
    const read = offset < longOffset ? short : long
    const rows = yield* read(
      sql<Row>`SELECT * FROM tbg_api.tbg_api_list_posts(${team}, ${after.timestamp}, ${after.id}, ${take}, ${offset})`
    )
    const [{ total }] = yield* decodeTotal(rows)
    // An empty page is one row that has only the total.
    const posts = yield* decodePosts(rows.filter((row) => row.id !== null))
    return pageOf(request, posts, Number(total))
  }, Effect.orDie)

  const remove = Effect.fnUntraced(function* (team: TeamId, id: PostId) {
    const at = yield* now
    const rows = yield* Effect.orDie(write(sql`SELECT tbg_api.tbg_api_delete_post(${team}, ${id}, ${at}) AS done`))
    const removed = yield* doneOf(rows)
    if (!removed) return yield* new PostNotFound({ id })
  })

  /**
   * Uses separate statements, because each sees the rows committed while the previous one waited for a lock. One purge of
   * a team runs at a time, because two could lock the same posts in different orders.
   */
  const purgeLocked = Effect.fnUntraced(function* (team: TeamId, before: string, atMost: number) {
    yield* sql`SELECT pg_advisory_xact_lock(hashtextextended(${`purge ${team}`}, 0))`
    const expired = yield* sql`
      SELECT id FROM tbg_api.posts WHERE team_id = ${team} AND deleted_at < ${before}
      ORDER BY deleted_at LIMIT ${atMost} FOR UPDATE`
    const ids = expired.map(({ id }) => id)
    // Postgres hashes a subquery once. It would scan a list again for each row.
    const purged = sql`(SELECT unnest(${ids}::uuid[]))`
    yield* sql`
      UPDATE tbg_api.posts SET parent_post_id = NULL
      WHERE team_id = ${team} AND parent_post_id IN ${purged} AND id NOT IN ${purged}`
    yield* sql`DELETE FROM tbg_api.posts WHERE team_id = ${team} AND id IN ${purged}`
    return ids.length
  })
  const purge = Effect.fn("Posts.purge")((team: TeamId, before: string, atMost: number) =>
    purgeLocked(team, before, atMost).pipe(inTeam(team), Effect.provideService(SqlClient.SqlClient, sql), Effect.orDie)
  )

  const find = (team: TeamId, id: PostId) =>
    oneOf(id, short(sql`SELECT * FROM tbg_api.tbg_api_get_post(${team}, ${id})`))

  const restore = Effect.fnUntraced(function* (team: TeamId, id: PostId) {
    const at = yield* now
    return yield* oneOf(id, write(sql`SELECT * FROM tbg_api.tbg_api_restore_post(${team}, ${id}, ${at})`))
  })

  return {
    create: traced("Posts.create", create),
    list: traced("Posts.list", list),
    find: traced("Posts.find", find),
    remove: traced("Posts.remove", remove),
    restore: traced("Posts.restore", restore),
    purge
  }
})

/** Posts of teams. Row-level security limits each method to the rows of its team (see `inTeam`). */
export class Posts extends Context.Service<
  Posts,
  {
    /** Fails if `parent_post_id` names no post of this team. */
    readonly create: (team: TeamId, text: PostText) => Effect.Effect<Post, PostNotFound>
    /** Newest first. */
    readonly list: (team: TeamId, request: PageRequest) => Effect.Effect<Page<Post>>
    readonly find: (team: TeamId, id: PostId) => Effect.Effect<Post, PostNotFound>
    /** Deletes a post, which can be restored until it is purged. Replies stay. */
    readonly remove: (team: TeamId, id: PostId) => Effect.Effect<void, PostNotFound>
    /** Restores a deleted post; returns any other post unchanged. */
    readonly restore: (team: TeamId, id: PostId) => Effect.Effect<Post, PostNotFound>
    /**
     * Permanently removes at most `atMost` posts deleted before a time (RFC 3339), oldest deletion first. Returns the
     * number removed. Their replies stay, without a parent.
     */
    readonly purge: (team: TeamId, before: string, atMost: number) => Effect.Effect<number>
  }
>()("tbg-api/services/Posts") {
  static readonly layer = Layer.effect(Posts, make)
}
