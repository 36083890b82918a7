import { Effect, Schema } from "effect"
import { HttpApiBuilder, HttpApiSchema } from "effect/http-api"
import type { Caller } from "../../domain/ApiKey.ts"
import type { Page, PageAsk, Post, PostId } from "../../domain/Post.ts"
import { Cursors } from "../../services/Cursors.ts"
import { Idempotency } from "../../services/Idempotency.ts"
import { Posts } from "../../services/Posts.ts"
import { Api } from "../api/Api.ts"
import { CurrentCaller } from "../api/Authorization.ts"
import { OnePost } from "../api/Posts.ts"
import type { ListQuery } from "../api/Posts.ts"
import { Conflict, IdempotencyKeyReused, Invalid, NotFound } from "../Errors.ts"
import { etagOf, isConditional, isNamed, noEtag, requireMatch, requireUnchanged } from "../Etag.ts"
import type { RequestHeaders } from "../Etag.ts"

type Team = Caller["team"]

const json = Schema.fromJsonString(OnePost)
const toJson = Schema.encodeSync(json, { disableChecks: true })
const fromJson = Schema.decodeEffect(json, { disableChecks: true })

const pathOf = ({ name }: Team): string => `/v1/teams/${name}/posts`

const inTeam =
  ({ name }: Team) =>
  ({ author_name, content, id, parent_post_id, tags, timestamp }: Post) => ({
    id,
    team: name,
    author_name,
    content,
    tags,
    timestamp,
    parent_post_id
  })

const bodyOf = (team: Team, post: Post) => ({ post: inTeam(team)(post) })

/** `Link` to the next page (RFC 8288). A cursor needs no escaping. */
const nextLink = (team: Team, limit: number, cursor: string): string =>
  `<${pathOf(team)}?limit=${limit}&cursor=${cursor}>; rel="next"`

const notFound = () => Effect.fail(new NotFound())

export const PostsHandlers = HttpApiBuilder.group(
  Api,
  "Posts",
  Effect.fnUntraced(function* (group) {
    const cursors = yield* Cursors
    const { once } = yield* Idempotency
    const posts = yield* Posts

    const askOf = (
      team: Team,
      { cursor, limit, offset = 0 }: typeof ListQuery.Type
    ): Effect.Effect<PageAsk, Invalid> => {
      if (cursor === undefined) return Effect.succeed({ limit, offset })
      const place = cursors.decode(team.id, cursor)
      if (place !== undefined) return Effect.succeed({ limit, place })
      return Effect.fail(
        new Invalid({ errors: [{ path: "cursor", message: "Expected a cursor that a list of this team gave" }] })
      )
    }

    const pageOf = (team: Team, limit: number, { hasMore, posts, total }: Page) => {
      const last = hasMore ? posts.at(-1) : undefined
      const cursor = last === undefined ? null : cursors.encode(team.id, last)
      return HttpApiSchema.withHeaders({
        body: { posts: posts.map(inTeam(team)), total, has_more: hasMore, next_cursor: cursor },
        headers: cursor === null ? {} : { link: nextLink(team, limit, cursor) }
      })
    }

    const created = (team: Team, body: typeof OnePost.Type, isReplayed = false) =>
      HttpApiSchema.withHeaders({
        body,
        headers: {
          location: `${pathOf(team)}/${body.post.id}`,
          ...(isReplayed ? { "idempotency-replayed": "true" as const } : {})
        }
      })

    /** Checks the conditions of a request against the current version of the post. */
    const requireVersion = Effect.fnUntraced(function* (team: Team, id: PostId, headers: RequestHeaders) {
      if (!isConditional(headers)) return
      const post = yield* posts.find(team.id, id)
      yield* requireUnchanged(headers, etagOf(toJson(bodyOf(team, post))))
    })

    return group.handleAll({
      list: Effect.fnUntraced(function* ({ query, request }) {
        const { team } = yield* CurrentCaller
        yield* requireMatch(request.headers, noEtag)
        const page = yield* posts.list(team.id, yield* askOf(team, query))
        return pageOf(team, query.limit, page)
      }),
      create: Effect.fnUntraced(
        function* ({ headers: { "idempotency-key": key }, payload, request }) {
          const { keyId, team } = yield* CurrentCaller
          yield* requireMatch(request.headers, noEtag)
          const write = Effect.map(posts.create(team.id, payload), (post) => bodyOf(team, post))
          if (key === undefined) return created(team, yield* write)
          const ask = { team: team.id, apiKey: keyId, key, request: `POST ${pathOf(team)}\n${JSON.stringify(payload)}` }
          const record = (body: typeof OnePost.Type) => ({
            status: 201,
            location: created(team, body).headers.location,
            body: toJson(body)
          })
          const { answer, replayed } = yield* once(ask, Effect.map(write, record))
          return created(team, yield* Effect.orDie(fromJson(answer.body)), replayed)
        },
        Effect.catchTags({
          PostNotFound: notFound,
          WriteInFlight: () => Effect.fail(new Conflict()),
          KeyReused: () => Effect.fail(new IdempotencyKeyReused())
        })
      ),
      get: Effect.fnUntraced(
        function* ({ params: { id }, request }) {
          const { team } = yield* CurrentCaller
          const body = bodyOf(team, yield* posts.find(team.id, id))
          const headers = { etag: etagOf(toJson(body)) }
          yield* requireMatch(request.headers, headers.etag)
          return isNamed(request.headers["if-none-match"], headers.etag)
            ? HttpApiSchema.withHeaders({ body: undefined, headers })
            : HttpApiSchema.withHeaders({ body, headers })
        },
        Effect.catchTag("PostNotFound", notFound)
      ),
      remove: Effect.fnUntraced(
        function* ({ params: { id }, request }) {
          const { team } = yield* CurrentCaller
          yield* requireVersion(team, id, request.headers)
          yield* posts.remove(team.id, id)
        },
        Effect.catchTag("PostNotFound", notFound)
      ),
      restore: Effect.fnUntraced(
        function* ({ params: { id }, request: { headers } }) {
          const { team } = yield* CurrentCaller
          // A deleted post has no current version.
          yield* Effect.catchTag(requireVersion(team, id, headers), "PostNotFound", () =>
            requireMatch(headers, undefined)
          )
          return bodyOf(team, yield* posts.restore(team.id, id))
        },
        Effect.catchTag("PostNotFound", notFound)
      )
    })
  })
)
