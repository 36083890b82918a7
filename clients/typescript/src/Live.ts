import { Duration, Effect, Predicate, Random, Ref, Schema, Stream } from "effect"
import { Sse } from "effect/encoding"
import { HttpClient, HttpClientError, HttpClientRequest, HttpClientResponse } from "effect/http"
import { LiveEvent } from "../../../src/domain/live/LiveEvent.ts"
import { isApiError, toApiError } from "./ApiError.ts"
import type { ApiError } from "./ApiError.ts"
import type { SnapshotUpdate, LiveTopic, LiveUpdate } from "./LiveUpdate.ts"
import { isConnectionFailure } from "./Retry.ts"
import type { RetryOptions } from "./Retry.ts"

/** Three heartbeats. A stream that is silent for longer has lost its connection. */
const longestSilence = "45 seconds"
const longestBackoff = 30_000
/** Number of ids that are remembered, so that no event is yielded twice. */
const maxIds = 1000

const types: ReadonlyArray<string> = [
  "share",
  "worker",
  "best",
  "block",
  "network",
  "summary",
  "board",
  "gap",
  "reset",
  "bye"
] satisfies ReadonlyArray<LiveEvent["type"]>

const decodeEvent = Schema.decodeUnknownEffect(Schema.fromJsonString(LiveEvent))

/** Streams end with a `bye`. After a `reset`, the client continues from a new snapshot. */
const isLast = ({ type }: LiveEvent): boolean => type === "reset" || type === "bye"
const isUpdate = (event: LiveEvent): event is Exclude<LiveUpdate, SnapshotUpdate> => !isLast(event)

interface State {
  /** Position to continue from; undefined if a snapshot has to be loaded. */
  readonly cursor: string | undefined
  /** The service's last `retry`, in milliseconds. */
  readonly retry: number
  /** Failed attempts since the last event. */
  readonly failures: number
  /** Wait that the service asked for at the end of the stream, in milliseconds. */
  readonly reconnect: number | undefined
}

export interface LiveSource extends Pick<RetryOptions, "attemptTimeout" | "onRetry"> {
  readonly baseUrl: string | URL
  readonly topics: ReadonlyArray<LiveTopic>
  readonly snapshot: Effect.Effect<SnapshotUpdate, LiveError>
  readonly authorize: (
    request: HttpClientRequest.HttpClientRequest
  ) => Effect.Effect<HttpClientRequest.HttpClientRequest>
}

export type LiveError = ApiError | Schema.SchemaError | HttpClientError.HttpClientError

interface Failure {
  readonly status?: number
  /** `Retry-After` of the response. */
  readonly seconds?: number
}

/** Returns a failure after which another attempt may succeed. */
const transient = (error: LiveError): Failure | undefined => {
  if (isApiError(error)) {
    const { retryAfter: seconds = 0, status } = error
    return status === 429 || status === 503 ? { status, seconds } : undefined
  }
  if (!HttpClientError.isHttpClientError(error)) return undefined
  if (isConnectionFailure(error)) return {}
  const status = error.response?.status
  return status === 502 || status === 504 ? { status } : undefined
}

/** Parses the events of a response (HTML Living Standard, section 9.2). Ends when the connection is silent. */
const eventsIn = (response: HttpClientResponse.HttpClientResponse) =>
  Stream.suspend(() => {
    const parsed: Array<Sse.AnyEvent> = []
    const parser = Sse.makeParser((event) => parsed.push(event), {
      // Heartbeats have an id, and no data.
      dispatchEmptyNamedEvents: true
    })
    return response.stream.pipe(
      Stream.decodeText(),
      Stream.timeout(longestSilence),
      Stream.mapEffect((text) => {
        const tooLarge = parser.feed(text)
        return tooLarge === undefined ? Effect.succeed(parsed.splice(0)) : Effect.die(tooLarge)
      }),
      Stream.flattenIterable
    )
  })

/**
 * Loads a snapshot, yields it, and continues with the events after it. Reconnects until it is interrupted, or until an
 * error that another attempt would repeat.
 */
export const liveUpdates = Effect.fnUntraced(function* (source: LiveSource) {
  const http = yield* HttpClient.HttpClient
  const state = yield* Ref.make<State>({
    cursor: undefined,
    // As random as the service's own, so that clients that never reached it are spread too.
    retry: 1000 + 2000 * (yield* Random.next),
    failures: 0,
    reconnect: undefined
  })
  const ids = new Set<string>()

  const open = Effect.fnUntraced(function* (cursor: string) {
    const request = HttpClientRequest.get("/api/v1/live", {
      urlParams: { topics: source.topics.join(",") },
      headers: { accept: "text/event-stream", "last-event-id": cursor }
    }).pipe(HttpClientRequest.prependUrl(String(source.baseUrl)))
    const response = yield* source.authorize(request).pipe(
      Effect.flatMap(http.execute),
      Effect.timeoutOrElse({
        duration: source.attemptTimeout,
        orElse: () => {
          const reason = new HttpClientError.TransportError({ request, description: "No response in time" })
          return Effect.fail(new HttpClientError.HttpClientError({ reason }))
        }
      })
    )
    return yield* HttpClientResponse.filterStatusOk(response).pipe(Effect.catch(toApiError))
  })

  /** Waits for as long as the service asked, or between `retry` and its double, which doubles with each failure. */
  const pause = Effect.fnUntraced(function* ({ seconds = 0, status }: Failure = {}) {
    const { failures, reconnect, retry } = yield* Ref.get(state)
    const longest = Math.max(retry, Math.min(longestBackoff, retry * 2 ** failures))
    const backoff = retry + (longest - retry) * (yield* Random.next)
    const waitMillis = Math.ceil(reconnect ?? Math.max(backoff, seconds * 1000))
    source.onRetry({ attempt: failures + 1, waitMillis, status })
    yield* Ref.update(state, (current) => ({ ...current, failures: failures + 1, reconnect: undefined }))
    yield* Effect.sleep(waitMillis)
  })

  const receive = Effect.fnUntraced(function* (event: Sse.AnyEvent) {
    if (event._tag === "Retry") {
      const retry = Duration.toMillis(event.duration)
      yield* Ref.update(state, (current) => ({ ...current, retry }))
      return undefined
    }
    const { data, event: type, id } = event
    if (id === undefined || ids.has(id)) return undefined
    const [oldest] = ids
    if (ids.size >= maxIds && oldest !== undefined) ids.delete(oldest)
    ids.add(id)
    // Heartbeats, and events that a later version of the service may have, only move the place.
    const decoded = types.includes(type) ? yield* decodeEvent(data) : undefined
    yield* Ref.update(state, (current) => ({
      ...current,
      cursor: decoded?.type === "reset" ? undefined : id,
      failures: decoded !== undefined && isLast(decoded) ? current.failures : 0,
      reconnect: decoded?.type === "bye" ? decoded.reconnect_ms : undefined
    }))
    return decoded
  })

  const attempt = Effect.gen(function* (): Effect.gen.Return<Stream.Stream<LiveUpdate, LiveError>, LiveError> {
    const { cursor } = yield* Ref.get(state)
    if (cursor !== undefined) {
      const events = eventsIn(yield* open(cursor)).pipe(
        Stream.mapEffect(receive),
        Stream.filter(Predicate.isNotUndefined),
        Stream.takeUntil(isLast),
        Stream.filter(isUpdate)
      )
      return Stream.concat(events, Stream.fromEffectDrain(pause()))
    }
    const snapshot = yield* source.snapshot
    yield* Ref.update(state, (current) => ({ ...current, cursor: snapshot.cursor }))
    return Stream.succeed(snapshot)
  })
  return Stream.unwrap(attempt).pipe(
    Stream.catch((error) => {
      const failure = transient(error)
      return failure === undefined ? Stream.fail(error) : Stream.fromEffectDrain(pause(failure))
    }),
    Stream.forever
  )
}, Stream.unwrap)
