import { Effect } from "effect"
import { HttpApiBuilder, HttpApiSchema } from "effect/http-api"
import type { Caller } from "../../domain/ApiKey.ts"
import type { Post, PostId } from "../../domain/Post.ts"
import { Posts } from "../../services/Posts.ts"
import { Api } from "../api/Api.ts"
import { CurrentCaller } from "../api/Authorization.ts"
import { OnePost } from "../api/Posts.ts"
import { NotFound } from "../Errors.ts"
import { noEtag, requireMatch } from "../Etag.ts"
import { conditional, creationsOf, pagesOf } from "./Resource.ts"

const toTeamPost =
  ({ name }: Caller["team"]) =>
  ({ author_name, content, id, parent_post_id, tags, timestamp }: Post) => ({
    id,
    team: name,
    author_name,
    content,
    tags,
    timestamp,
    parent_post_id
  })

const notFound = () => Effect.fail(new NotFound())

const { requireVersion, respond } = conditional(OnePost)

export const PostsHandlers = HttpApiBuilder.group(
  Api,
  "Posts",
  Effect.fnUntraced(function* (group) {
    const posts = yield* Posts
    const pages = yield* pagesOf("posts")
    const create = yield* creationsOf("posts", OnePost, ({ post }) => post.id)
    const bodyOf = (team: Caller["team"]) => (post: Post) => ({ post: toTeamPost(team)(post) })
    const find = (team: Caller["team"], id: PostId) => Effect.map(posts.find(team.id, id), bodyOf(team))

    return group.handleAll({
      list: Effect.fnUntraced(function* ({ query, request }) {
        const { team } = yield* CurrentCaller
        yield* requireMatch(request.headers, noEtag)
        const page = yield* posts.list(team.id, yield* pages.requestOf(team, query))
        const { body, headers } = pages.restOf(team, query.limit, page)
        return HttpApiSchema.withHeaders({ body: { posts: page.items.map(toTeamPost(team)), ...body }, headers })
      }),
      create: Effect.fnUntraced(
        function* ({ headers, payload, request }) {
          const { team } = yield* CurrentCaller
          const write = Effect.map(posts.create(team.id, payload), bodyOf(team))
          return yield* create({ request: request.headers, key: headers["idempotency-key"], payload, write })
        },
        Effect.catchTag("PostNotFound", notFound)
      ),
      get: Effect.fnUntraced(
        function* ({ params, request }) {
          const { team } = yield* CurrentCaller
          return yield* respond(request.headers, yield* find(team, params.id))
        },
        Effect.catchTag("PostNotFound", notFound)
      ),
      remove: Effect.fnUntraced(
        function* ({ params: { id }, request }) {
          const { team } = yield* CurrentCaller
          yield* requireVersion(request.headers, find(team, id))
          yield* posts.remove(team.id, id)
        },
        Effect.catchTag("PostNotFound", notFound)
      ),
      restore: Effect.fnUntraced(
        function* ({ params: { id }, request: { headers } }) {
          const { team } = yield* CurrentCaller
          // A deleted post has no current version.
          yield* Effect.catchTag(requireVersion(headers, find(team, id)), "PostNotFound", () =>
            requireMatch(headers, undefined)
          )
          return bodyOf(team)(yield* posts.restore(team.id, id))
        },
        Effect.catchTag("PostNotFound", notFound)
      )
    })
  })
)
