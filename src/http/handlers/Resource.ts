import { Effect, Schema } from "effect"
import { HttpApiSchema } from "effect/http-api"
import type { Caller } from "../../domain/ApiKey.ts"
import { KeyReused, WriteInFlight } from "../../domain/Idempotency.ts"
import type { IdempotencyKey } from "../../domain/Idempotency.ts"
import { Place } from "../../domain/Page.ts"
import type { Page, PageRequest } from "../../domain/Page.ts"
import { Cursors } from "../../services/Cursors.ts"
import { Idempotency } from "../../services/Idempotency.ts"
import { CurrentCaller } from "../api/Authorization.ts"
import type { PageQuery } from "../api/Resource.ts"
import { Conflict, IdempotencyKeyReused, Invalid } from "../Errors.ts"
import { etagOf, isConditional, isListed, noEtag, requireMatch, requireUnchanged } from "../Etag.ts"
import type { RequestHeaders } from "../Etag.ts"

type Team = Caller["team"]

const pathIn = ({ name }: Team, resource: string): string => `/v1/teams/${name}/${resource}`

const foreignCursor = new Invalid({
  errors: [{ path: "cursor", message: "Expected a cursor returned by a list of this team" }]
})

/** Converts queries of a list to page requests, and pages to responses without their items. */
export const pagesOf = (resource: string) =>
  Effect.map(Cursors, ({ of }) => {
    const cursors = of(Place, resource)
    return {
      /** Fails with `Invalid` for a cursor of another list or team. */
      requestOf: (team: Team, { cursor, limit, offset = 0 }: typeof PageQuery.Type) => {
        if (cursor === undefined) return Effect.succeed<PageRequest>({ limit, offset })
        const after = cursors.decode(team.id, cursor)
        return after === undefined ? Effect.fail(foreignCursor) : Effect.succeed<PageRequest>({ limit, after })
      },
      restOf: (team: Team, limit: number, { hasMore, items, total }: Page<Place>) => {
        const last = hasMore ? items.at(-1) : undefined
        const cursor = last === undefined ? null : cursors.encode(team.id, { id: last.id, timestamp: last.timestamp })
        const link = `<${pathIn(team, resource)}?limit=${limit}&cursor=${cursor}>; rel="next"`
        return { body: { total, has_more: hasMore, next_cursor: cursor }, headers: cursor === null ? {} : { link } }
      }
    }
  })

/** Evaluates conditional requests for a resource. Entity tags are computed from its JSON. */
export const conditional = <Body>(schema: Schema.Codec<Body, unknown>) => {
  const toJson = Schema.encodeSync(Schema.fromJsonString(schema), { disableChecks: true })
  return {
    /** Returns the item, or 304 if the caller has this version. Fails if `If-Match` does not match. */
    respond: Effect.fnUntraced(function* (request: RequestHeaders, body: Body) {
      const headers = { etag: etagOf(toJson(body)) }
      yield* requireMatch(request, headers.etag)
      return isListed(request["if-none-match"], headers.etag)
        ? HttpApiSchema.withHeaders({ body: undefined, headers })
        : HttpApiSchema.withHeaders({ body, headers })
    }),
    /** Fails if the conditions of a change do not match. Reads the current version only if there are any. */
    requireVersion: Effect.fnUntraced(function* <E, R>(request: RequestHeaders, current: Effect.Effect<Body, E, R>) {
      if (isConditional(request)) yield* requireUnchanged(request, etagOf(toJson(yield* current)))
    })
  }
}

interface Creation<Body, E, R> {
  readonly request: RequestHeaders
  readonly key: IdempotencyKey | undefined
  readonly payload: unknown
  readonly write: Effect.Effect<Body, E, R>
}

const toPublicError = <E>(error: E | WriteInFlight | KeyReused) => {
  if (error instanceof WriteInFlight) return new Conflict()
  return error instanceof KeyReused ? new IdempotencyKeyReused() : error
}

/** Creates items of a resource. With an `Idempotency-Key`, a repeated request gets the response of the first. */
export const creationsOf = <Body>(
  resource: string,
  schema: Schema.Codec<Body, unknown>,
  idOf: (body: Body) => string
) =>
  Effect.map(Idempotency, ({ once }) => {
    const json = Schema.fromJsonString(schema)
    const toJson = Schema.encodeSync(json, { disableChecks: true })
    const fromJson = Schema.decodeEffect(json, { disableChecks: true })
    return Effect.fnUntraced(function* <E, R>({ key, payload, request, write }: Creation<Body, E, R>) {
      const { keyId, team } = yield* CurrentCaller
      const path = pathIn(team, resource)
      const locationOf = (body: Body): string => `${path}/${idOf(body)}`
      yield* requireMatch(request, noEtag)
      if (key === undefined) {
        const body = yield* write
        return HttpApiSchema.withHeaders({ body, headers: { location: locationOf(body) } })
      }
      const keyedRequest = { team: team.id, apiKey: keyId, key, request: `POST ${path}\n${JSON.stringify(payload)}` }
      const record = (body: Body) => ({ status: 201, location: locationOf(body), body: toJson(body) })
      const { replayed, response } = yield* Effect.mapError(
        once(keyedRequest, Effect.map(write, record)),
        toPublicError
      )
      const body = yield* Effect.orDie(fromJson(response.body))
      const replayHeaders = replayed ? { "idempotency-replayed": "true" as const } : {}
      return HttpApiSchema.withHeaders({ body, headers: { location: locationOf(body), ...replayHeaders } })
    })
  })
