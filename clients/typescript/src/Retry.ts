import { Duration, Effect, Random } from "effect"
import { HttpClientError } from "effect/http"
import type { HttpClientRequest, HttpClientResponse } from "effect/http"
import { HttpApiMiddleware } from "effect/http-api"
import { Common, isProbe as isOfProbe } from "../../../src/http/api/Common.ts"
import { withHeaders } from "./Endpoint.ts"

/** A wait before another attempt. */
export interface Retry {
  /** 1 for the first retry. */
  readonly attempt: number
  readonly waitMillis: number
  /** Status of the response that is retried; undefined if the connection failed or timed out. */
  readonly status: number | undefined
}

export interface RetryOptions {
  /** Maximum number of retries; 0 turns them off. */
  readonly retries: number
  /** Maximum time for one attempt, to the last byte of its response. */
  readonly attemptTimeout: Duration.Input
  /** Longest `Retry-After` to wait for; a response that asks for more is returned as the error that it is. */
  readonly longestWait: Duration.Input
  /** Called before each wait, for example to show it. */
  readonly onRetry: (retry: Retry) => void
}

/** An attempt outlasts the service's own deadline of 10 s, and a wait its default window of 60 s. */
export const defaultRetryOptions: RetryOptions = {
  retries: 3,
  attemptTimeout: "15 seconds",
  longestWait: "60 seconds",
  onRetry: () => {}
}

type Response = HttpClientResponse.HttpClientResponse

/** The seconds of `Retry-After`; undefined for a date, which this service does not send. */
export const secondsToWait = ({ headers }: Response): number | undefined => {
  const field = headers["retry-after"]
  return field !== undefined && /^\d{1,9}$/u.test(field) ? Number(field) : undefined
}

/** 50 to 100 ms, doubled each time, so that callers who failed together do not return together. */
const backoff = (made: number): Effect.Effect<number> =>
  Effect.map(Random.next, (random) => 50 * (1 + random) * 2 ** made)

/** No connection, one that ended within the response, or no response in time. */
const isConnectionFailure = ({ reason }: HttpClientError.HttpClientError): boolean =>
  reason._tag === "TransportError" || (reason._tag === "DecodeError" && reason.cause !== undefined)

const hasKey = ({ headers }: HttpClientRequest.HttpClientRequest): boolean => headers["idempotency-key"] !== undefined

/** Whether a request may arrive twice: it changes nothing, or the service recognizes it by its key. */
const isRepeatable = (request: HttpClientRequest.HttpClientRequest): boolean =>
  request.method === "GET" || request.method === "HEAD" || hasKey(request)

const isTransient = (request: HttpClientRequest.HttpClientRequest, status: number, made: number): boolean =>
  status === 429 ||
  (status === 503 && isRepeatable(request)) ||
  // Our own previous attempt, whose response was lost, is still in progress.
  (status === 409 && hasKey(request) && made > 0)

/** Fails with the response if its status is 400 or more, so that the caller gets an error with all of its fields. */
const rejectErrors = (request: HttpClientRequest.HttpClientRequest) => (response: Response) =>
  response.status < 400
    ? Effect.succeed(response)
    : Effect.fail(
        new HttpClientError.HttpClientError({ reason: new HttpClientError.StatusCodeError({ request, response }) })
      )

/**
 * Retries a request if that can do no harm, after `Retry-After` or a backoff. Every request is retried at 429, which is
 * sent before anything is done. Reads, and writes with an `Idempotency-Key`, are also retried at 503 and after a failed
 * connection; such writes also at the 409 for a previous attempt in progress. Probes are never retried, because their
 * 503 is an answer.
 */
export const retrying = ({ attemptTimeout, longestWait, onRetry, retries }: RetryOptions) =>
  HttpApiMiddleware.layerClient(Common, ({ endpoint, group, next, request: given }) => {
    const isProbe = isOfProbe({ endpoint, group })
    const request = withHeaders(endpoint, given)
    const late = Effect.suspend(() => {
      const description = `No complete response within ${Duration.format(Duration.fromInputUnsafe(attemptTimeout))}`
      const reason = new HttpClientError.TransportError({ request, description })
      return Effect.fail(new HttpClientError.HttpClientError({ reason }))
    })
    const once = next(request).pipe(
      // The body comes over the same connection; it is kept for the decoder.
      Effect.tap((response) => response.arrayBuffer),
      Effect.timeoutOrElse({ duration: attemptTimeout, orElse: () => late })
    )
    const again = Effect.fnUntraced(function* (made: number, status?: number, seconds?: number) {
      const waitMillis = seconds === undefined ? yield* backoff(made) : seconds * 1000
      onRetry({ attempt: made + 1, waitMillis, status })
      yield* Effect.sleep(waitMillis)
      return yield* attempt(made + 1)
    })
    const attempt = (made: number): Effect.Effect<Response, HttpClientError.HttpClientError> =>
      Effect.matchEffect(once, {
        onFailure: (error) =>
          made < retries && isRepeatable(request) && isConnectionFailure(error) ? again(made) : Effect.fail(error),
        onSuccess: (response) => {
          const seconds = secondsToWait(response)
          const isLong =
            seconds !== undefined && seconds * 1000 > Duration.toMillis(Duration.fromInputUnsafe(longestWait))
          const isFinal = isLong || made >= retries || !isTransient(request, response.status, made)
          return isFinal ? Effect.succeed(response) : again(made, response.status, seconds)
        }
      })
    return Effect.flatMap(isProbe ? once : attempt(0), rejectErrors(request))
  })
