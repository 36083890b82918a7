import { Effect, Layer, Schema } from "effect"
import { HttpServerResponse } from "effect/http"
import type { Headers } from "effect/http"
import { HttpApiBuilder, HttpApiSchema } from "effect/http-api"
import type { Caller } from "../../domain/ApiKey.ts"
import type { RecordedAnswer } from "../../domain/Idempotency.ts"
import type { Page, PageAsk, Post, PostId, PostText } from "../../domain/Post.ts"
import { Cursors } from "../../services/Cursors.ts"
import { Idempotency } from "../../services/Idempotency.ts"
import { Posts } from "../../services/Posts.ts"
import { Api } from "../api/Api.ts"
import { Authorization, CurrentCaller } from "../api/Authorization.ts"
import { Limited } from "../api/Limited.ts"
import { Matched } from "../api/Matched.ts"
import { Payload } from "../api/Payload.ts"
import { OnePost } from "../api/Posts.ts"
import type { ListQuery } from "../api/Posts.ts"
import { Conflict, IdempotencyKeyReused, Invalid, NotFound } from "../Errors.ts"
import { etagOf, isConditional, isNamed, noEtag, requireMatch, requireUnchanged } from "../Etag.ts"
import { lean } from "./Group.ts"

type Team = Caller["team"]

const pathOf = ({ name }: Team): string => `/v1/teams/${name}/posts`

/** A `Link` (RFC 8288) to the page that follows this one; a cursor needs no escaping. */
const nextLink = (team: Team, limit: number, cursor: string): string =>
  `<${pathOf(team)}?limit=${limit}&cursor=${cursor}>; rel="next"`

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

const encode = Schema.encodeSync(Schema.fromJsonString(OnePost), { disableChecks: true })

/** The bytes that tell of a post, which its entity tag and its recorded answer are about. */
const bodyOf = (team: Team, post: Post): string => encode({ post: inTeam(team)(post) })

const json = (body: string, status: number, headers: Readonly<Record<string, string>>) =>
  HttpServerResponse.text(body, { status, contentType: "application/json", headers })

const notFound = () => Effect.fail(new NotFound())
const badCursor = () =>
  Effect.fail(new Invalid({ errors: [{ path: "cursor", message: "Expected a cursor that a list of this team gave" }] }))

export const PostsHandlers = Layer.unwrap(
  Effect.gen(function* () {
    const cursors = yield* Cursors
    const { once } = yield* Idempotency
    const posts = yield* Posts

    /** How the page is asked for: after a place in the list, or after so many. */
    const askOf = (
      team: Team,
      { cursor, limit, offset = 0 }: typeof ListQuery.Type
    ): Effect.Effect<PageAsk, Invalid> => {
      if (cursor === undefined) return Effect.succeed({ limit, offset })
      const place = cursors.decode(team.id, cursor)
      return place === undefined ? badCursor() : Effect.succeed({ limit, place })
    }

    const pageOf = (team: Team, limit: number, page: Page) => {
      const last = page.hasMore ? page.posts.at(-1) : undefined
      const cursor = last === undefined ? null : cursors.encode(team.id, last)
      return HttpApiSchema.withHeaders({
        body: {
          posts: page.posts.map(inTeam(team)),
          total: page.total,
          has_more: page.hasMore,
          next_cursor: cursor
        },
        headers: cursor === null ? {} : { link: nextLink(team, limit, cursor) }
      })
    }

    const write = (team: Team, text: PostText) =>
      Effect.map(posts.create(team.id, text), (post): RecordedAnswer => ({
        status: 201,
        location: `${pathOf(team)}/${post.id}`,
        body: bodyOf(team, post)
      }))
    const answered = ({ body, location, status }: RecordedAnswer, replayed: boolean) =>
      json(body, status, {
        ...(location === null ? {} : { location }),
        ...(replayed ? { "idempotency-replayed": "true" } : {})
      })

    const team = Effect.map(CurrentCaller, (caller) => caller.team)

    /** Checks a request's conditions against the current post. */
    const requireVersion = (team: Team, id: PostId, headers: Headers.Headers) =>
      isConditional(headers)
        ? Effect.flatMap(posts.find(team.id, id), (post) => requireUnchanged(headers, etagOf(bodyOf(team, post))))
        : Effect.void

    return lean(
      HttpApiBuilder.group(Api, "Teams", (group) =>
        group.handleAll({
          list: ({ query, request: { headers } }) =>
            Effect.flatMap(team, (team) =>
              requireMatch(headers, noEtag).pipe(
                Effect.andThen(askOf(team, query)),
                Effect.flatMap((ask) => posts.list(team.id, ask)),
                Effect.map((page) => pageOf(team, query.limit, page))
              )
            ),
          create: ({ headers: { "idempotency-key": key }, payload, request: { headers } }) =>
            Effect.flatMap(CurrentCaller, ({ keyId, team }) => {
              const written = Effect.andThen(requireMatch(headers, noEtag), write(team, payload))
              if (key === undefined) return Effect.map(written, (answer) => answered(answer, false))
              const request = `POST ${pathOf(team)}\n${JSON.stringify(payload)}`
              return Effect.map(once({ team: team.id, apiKey: keyId, key, request }, written), ({ answer, replayed }) =>
                answered(answer, replayed)
              )
            }).pipe(
              Effect.catchTags({
                PostNotFound: notFound,
                WriteInFlight: () => Effect.fail(new Conflict()),
                KeyReused: () => Effect.fail(new IdempotencyKeyReused())
              })
            ),
          get: ({ params, request: { headers } }) =>
            Effect.flatMap(team, (team) =>
              Effect.flatMap(posts.find(team.id, params.id), (post) => {
                const body = bodyOf(team, post)
                const etag = etagOf(body)
                const response = isNamed(headers["if-none-match"], etag)
                  ? HttpServerResponse.empty({ status: 304, headers: { etag } })
                  : json(body, 200, { etag })
                return Effect.as(requireMatch(headers, etag), response)
              })
            ).pipe(Effect.catchTag("PostNotFound", notFound)),
          remove: ({ params: { id }, request: { headers } }) =>
            Effect.flatMap(team, (team) =>
              Effect.andThen(requireVersion(team, id, headers), posts.remove(team.id, id))
            ).pipe(Effect.catchTag("PostNotFound", notFound)),
          restore: ({ params: { id }, request: { headers } }) =>
            Effect.flatMap(team, (team) =>
              requireVersion(team, id, headers).pipe(
                // A deleted post has no current version.
                Effect.catchTag("PostNotFound", () => requireMatch(headers, undefined)),
                Effect.andThen(posts.restore(team.id, id)),
                Effect.map((post) => ({ post: inTeam(team)(post) }))
              )
            ).pipe(Effect.catchTag("PostNotFound", notFound))
        })
      ),
      Authorization,
      Limited,
      Matched,
      Payload
    )
  })
)
