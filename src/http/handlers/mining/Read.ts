import { Cache, Clock, DateTime, Effect, Exit } from "effect"
import type { Schema } from "effect"
import { HttpApiSchema } from "effect/http-api"
import { Addresses } from "../../../services/bitcoin/Addresses.ts"
import { Cursors } from "../../../services/Cursors.ts"
import type { Cursor } from "../../../services/Cursors.ts"
import { MinerVisibility, Viewer } from "../../../services/mining/MinerVisibility.ts"
import { freshnessOf, MiningStatus } from "../../../services/mining/MiningStatus.ts"
import { readHeaders } from "../../api/mining/Read.ts"
import { Invalid, NotFound } from "../../Errors.ts"
import { etagOf, isListed, noEtag, requireMatch } from "../../Etag.ts"
import type { RequestHeaders } from "../../Etag.ts"

/** A mining read: the end of its windows, and the age of its data. */
export interface Reading {
  /** Milliseconds since 1970. */
  readonly now: number
  /** Identifies the state of the data. Equal states give equal answers, apart from their age. */
  readonly state: string
  readonly freshness: ReturnType<typeof freshnessOf>
}

export interface Request {
  readonly headers: RequestHeaders
  /** Path and query. */
  readonly url: string
  /** Further input that the answer depends on, apart from the account. */
  readonly scope?: string
}

/** Changes of an answer while the projection has no new version. */
export interface Drift {
  /** Milliseconds after the last event within which the answer may change. */
  readonly settlesAfter: number
  /** Milliseconds between changes caused by time alone; 0 if time alone changes nothing. */
  readonly every: number
}

/** Body of an answer, with a `Link` to the next page if there is one. */
export interface Answer<Body> {
  readonly body: Body
  readonly link?: string | undefined
}

/** Rates, visibility and confirmations also change while no event arrives. Readers see this within a minute. */
export const decaying: Drift = { settlesAfter: 0, every: 60_000 }
/** Depends on events only. */
export const constant: Drift = { settlesAfter: 0, every: 0 }
/** The table `shares` may lag 2 seconds behind the events, and its youngest 2 seconds are not shown. */
export const settling: Drift = { settlesAfter: 5000, every: 0 }

const stepOf = (quietMs: number, { every, settlesAfter }: Drift): number => {
  if (quietMs < settlesAfter) return Math.floor(quietMs / 1000)
  return every === 0 ? -1 : -2 - Math.floor(quietMs / every)
}

/** Maximum number of answers in a cache. Most belong to earlier states. */
const cachedAnswers = 1000

/**
 * Caches the result of a read by key and state of the data for one second, the `max-age` of mining reads. A miner then
 * costs one statement per commit of the projection, however many callers ask. Failures are not cached. A caller that saw a
 * later state never gets an earlier answer.
 */
export const makeCachedRead = Effect.fnUntraced(function* <A, E, R>(
  read: (key: string, now: number) => Effect.Effect<A, E, R>
) {
  const answers = yield* Cache.makeWith(
    ({ key }: { readonly key: string; readonly state: string }) =>
      // All callers share the answer.
      Effect.provideService(
        Effect.flatMap(Clock.currentTimeMillis, (now) => read(key, now)),
        Viewer,
        undefined
      ),
    {
      capacity: cachedAnswers,
      timeToLive: (exit) => (Exit.isSuccess(exit) ? "1 second" : 0),
      requireServicesAt: "construction"
    }
  )
  return (key: string, { state }: Pick<Reading, "state">): Effect.Effect<A, E> => Cache.get(answers, { key, state })
})

/** Helpers of handlers for mining data. */
export const miningReads = Effect.gen(function* () {
  const { position } = yield* MiningStatus
  const { canonical } = yield* Addresses
  const { canSee } = yield* MinerVisibility
  const { of, sealedOf } = yield* Cursors

  /**
   * Answers a read with its entity tag, or with 304 without reading if the caller has it. The tag is weak, because it
   * comes from the projection's position and the query: bodies of equal tags may differ in their age.
   */
  const respond = Effect.fnUntraced(function* <Body, E, R>(
    { headers, scope, url }: Request,
    drift: Drift,
    read: (reading: Reading) => Effect.Effect<Answer<Body>, E, R>
  ) {
    const found = yield* Effect.orDie(position)
    const { last_event_at, version } = found
    const now = yield* Clock.currentTimeMillis
    const lastEvent = last_event_at === null ? 0 : DateTime.toEpochMillis(DateTime.makeUnsafe(last_event_at))
    const quietMs = Math.max(0, now - lastEvent)
    const state = `${version} ${stepOf(quietMs, drift)}`
    const etag = etagOf(JSON.stringify([state, url, yield* Viewer, scope]))
    yield* requireMatch(headers, noEtag)
    if (isListed(headers["if-none-match"], etag)) {
      return HttpApiSchema.withHeaders({ body: undefined, headers: readHeaders(etag) })
    }
    const { body, link } = yield* read({ now, state, freshness: freshnessOf(found, now) })
    return HttpApiSchema.withHeaders({
      body,
      headers: { ...readHeaders(etag), ...(link === undefined ? {} : { link }) }
    })
  })

  /** Returns the canonical address of a miner that the caller may see. */
  const minerAt = Effect.fnUntraced(function* (text: string) {
    const address = yield* Effect.mapError(
      canonical(text),
      ({ reason }) => new Invalid({ errors: [{ path: "address", message: `The address ${reason}` }] })
    )
    return (yield* canSee(address)) ? address : yield* new NotFound()
  })

  const pagesWith = <Place>(cursors: Cursor<Place>) => {
    return {
      /** Fails with `Invalid` for a cursor of another list. */
      after: (scope: string, cursor: string | undefined): Effect.Effect<Place | undefined, Invalid> => {
        if (cursor === undefined) return Effect.succeed(undefined)
        const decoded = cursors.decode(scope, cursor)
        return decoded === undefined
          ? Effect.fail(
              new Invalid({ errors: [{ path: "cursor", message: "Expected a cursor that this list returned" }] })
            )
          : Effect.succeed(decoded)
      },
      /** `next_cursor` and `Link` of a page. */
      next: (scope: string, path: string, query: Readonly<Record<string, string>>, last: Place | undefined) => {
        if (last === undefined) return { cursor: null }
        const cursor = cursors.encode(scope, last)
        const parameters = new URLSearchParams({ ...query, cursor })
        return { cursor, link: `<${path}?${parameters.toString()}>; rel="next"` }
      }
    }
  }

  /** Cursors of a list, valid only for the same path and filter. */
  const pagesOf = <Place>(list: string, place: Schema.Codec<Place, unknown>) => pagesWith(of(place, list))
  /** The same with encrypted places, which may name hidden miners. */
  const sealedPagesOf = <Place>(list: string, place: Schema.Codec<Place, unknown>) => pagesWith(sealedOf(place, list))

  return { respond, minerAt, pagesOf, sealedPagesOf }
})
