import { Effect, Option, Stream } from "effect"
import type { HttpApiClient } from "effect/http-api"
import type { ServiceApi } from "../http/api/Api.ts"
import type { PostId } from "../domain/Post.ts"

type Calls = HttpApiClient.ForApi<typeof ServiceApi>["Posts"]

/** A post to write; what is absent is null. */
export interface NewPost {
  /** 1 to 100 characters on one line. */
  readonly author_name: string
  /** 1 to 10,000 characters. */
  readonly content: string
  /** At most 20 of 1 to 50 characters each. */
  readonly tags?: ReadonlyArray<string> | null
  /** The post that this one answers; it has to live in the same team. */
  readonly parent_post_id?: PostId | null
}

export interface CreateOptions {
  /**
   * 1 to 255 visible ASCII characters. Where the same write may be asked for again later, say by a job that restarts.
   */
  readonly idempotencyKey?: string
}

export interface PageOptions {
  /** How many posts a page has: 1 to 100, by default 10. */
  readonly limit?: number
  /** What the page before gave as `next_cursor`. */
  readonly cursor?: string
}

/**
 * The posts of one team, for a key of it. Each call fails with the failures that the contract declares for it, with
 * `SchemaError` where what was given or answered has another shape than the contract says, and with `HttpClientError`
 * where there was no answer or one that the contract does not know.
 */
export const teamPosts = (calls: Calls, team: string) => {
  const params = { team }

  /** One page, newest first. */
  const list = ({ cursor, limit = 10 }: PageOptions = {}) =>
    Effect.map(calls.list({ params, query: cursor === undefined ? { limit } : { limit, cursor } }), ({ body }) => body)

  return {
    list,

    /**
     * All posts, newest first, a page of `limit` (100) at a time and only as many as are taken. None is skipped or
     * told twice while others are written.
     */
    all: ({ limit = 100 }: Pick<PageOptions, "limit"> = {}) =>
      Stream.paginate(Option.none<string>(), (cursor) =>
        Effect.map(
          list({ limit, ...(Option.isSome(cursor) ? { cursor: cursor.value } : {}) }),
          ({ next_cursor, posts }) => [posts, Option.map(Option.fromNullOr(next_cursor), Option.some)] as const
        )
      ),

    /**
     * Writes a post, once: the client makes an `Idempotency-Key` a call where none is given, so that it can try again.
     */
    create: ({ author_name, content, parent_post_id = null, tags = null }: NewPost, options: CreateOptions = {}) =>
      Effect.suspend(() => {
        const headers = { "idempotency-key": options.idempotencyKey ?? crypto.randomUUID() }
        return calls.create({ params, headers, payload: { author_name, content, parent_post_id, tags } })
      }).pipe(Effect.map(({ body }) => body.post)),

    get: (id: PostId) =>
      Effect.flatMap(calls.get({ params: { team, id }, headers: {} }), ({ body }) =>
        // 304 is for those who send `If-None-Match`.
        body === undefined ? Effect.die("304 to a request without a condition") : Effect.succeed(body.post)
      ),

    /** Deletes a post, which can be restored for some time. */
    remove: (id: PostId) => calls.remove({ params: { team, id }, headers: {} }),

    /** Undoes a deletion; a post that is not deleted is answered as it is. */
    restore: (id: PostId) => Effect.map(calls.restore({ params: { team, id }, headers: {} }), ({ post }) => post)
  }
}
