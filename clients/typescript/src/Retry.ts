import { Duration, Effect, Random } from "effect"
import { HttpClientError } from "effect/http"
import type { HttpClientRequest, HttpClientResponse } from "effect/http"
import { HttpApiMiddleware } from "effect/http-api"
import { Common, isProbe } from "../../../src/http/api/Common.ts"
import { withHeaders } from "./Endpoint.ts"

/** A wait before a retry. */
export interface Retry {
  /** 1 for the first retry. */
  readonly attempt: number
  readonly waitMillis: number
  /** Status of the response; undefined if the connection failed or the attempt timed out. */
  readonly status: number | undefined
}

export interface RetryOptions {
  /** Maximum number of retries; 0 turns them off. */
  readonly retries: number
  /** Maximum time for one attempt, to the last byte of its response. */
  readonly attemptTimeout: Duration.Input
  /** Longest `Retry-After` to wait for. A response with a longer one fails without a retry. */
  readonly longestWait: Duration.Input
  /** Called before each wait, for example to show it. */
  readonly onRetry: (retry: Retry) => void
}

/**
 * An attempt may take longer than the service's deadline of 10 s, and a wait as long as its default window of 60 s.
 *
 * @internal
 */
export const defaultRetryOptions: RetryOptions = {
  retries: 3,
  attemptTimeout: "15 seconds",
  longestWait: "60 seconds",
  onRetry: () => {}
}

type Response = HttpClientResponse.HttpClientResponse

/**
 * The seconds of `Retry-After`; undefined for a date, which this service does not send.
 *
 * @internal
 */
export const secondsToWait = ({ headers }: Response): number | undefined => {
  const field = headers["retry-after"]
  return field !== undefined && /^\d{1,9}$/u.test(field) ? Number(field) : undefined
}

/** Milliseconds: 50 to 100, doubled for each retry. Random, so that clients that failed together retry apart. */
const backoff = (retryCount: number): Effect.Effect<number> =>
  Effect.map(Random.next, (random) => 50 * (1 + random) * 2 ** retryCount)

/**
 * Whether there was no connection, it ended within the response, or there was no response in time.
 *
 * @internal
 */
export const isConnectionFailure = ({ reason }: HttpClientError.HttpClientError): boolean =>
  reason._tag === "TransportError" || (reason._tag === "DecodeError" && reason.cause !== undefined)

const hasKey = ({ headers }: HttpClientRequest.HttpClientRequest): boolean => headers["idempotency-key"] !== undefined

/** Whether a request may be sent twice: it changes nothing, or the service recognizes it by its key. */
const isRepeatable = (request: HttpClientRequest.HttpClientRequest): boolean =>
  request.method === "GET" || request.method === "HEAD" || hasKey(request)

const isTransient = (request: HttpClientRequest.HttpClientRequest, status: number, retryCount: number): boolean =>
  status === 429 ||
  (status === 503 && isRepeatable(request)) ||
  // The previous attempt, whose response was lost, is still in progress.
  (status === 409 && hasKey(request) && retryCount > 0)

/** Fails with the response if its status is 400 or more, so that the caller gets an error with all fields. */
const rejectErrors = (request: HttpClientRequest.HttpClientRequest) => (response: Response) =>
  response.status < 400
    ? Effect.succeed(response)
    : Effect.fail(
        new HttpClientError.HttpClientError({ reason: new HttpClientError.StatusCodeError({ request, response }) })
      )

/**
 * Retries requests if that is safe, after `Retry-After` or a backoff. Every request is retried after a 429, which the
 * service sends before it does anything. Reads, and writes with an `Idempotency-Key`, are also retried after a 503 or a
 * failed connection. Such writes are also retried after a 409, which means that a previous attempt is in progress.
 * Probes are never retried, because their 503 is a result.
 *
 * @internal
 */
export const retrying = ({ attemptTimeout, longestWait, onRetry, retries }: RetryOptions) =>
  HttpApiMiddleware.layerClient(Common, ({ endpoint, group, next, request: given }) => {
    const request = withHeaders(endpoint, given)
    const timedOut = Effect.suspend(() => {
      const description = `No complete response within ${Duration.format(Duration.fromInputUnsafe(attemptTimeout))}`
      const reason = new HttpClientError.TransportError({ request, description })
      return Effect.fail(new HttpClientError.HttpClientError({ reason }))
    })
    const once = next(request).pipe(
      // Reads the body within the timeout; the decoder uses it later.
      Effect.tap((response) => response.arrayBuffer),
      Effect.timeoutOrElse({ duration: attemptTimeout, orElse: () => timedOut })
    )
    const again = Effect.fnUntraced(function* (retryCount: number, status?: number, seconds?: number) {
      const waitMillis = seconds === undefined ? yield* backoff(retryCount) : seconds * 1000
      onRetry({ attempt: retryCount + 1, waitMillis, status })
      yield* Effect.sleep(waitMillis)
      return yield* attempt(retryCount + 1)
    })
    const attempt = (retryCount: number): Effect.Effect<Response, HttpClientError.HttpClientError> =>
      Effect.matchEffect(once, {
        onFailure: (error) =>
          retryCount < retries && isRepeatable(request) && isConnectionFailure(error)
            ? again(retryCount)
            : Effect.fail(error),
        onSuccess: (response) => {
          const seconds = secondsToWait(response)
          const isTooLong =
            seconds !== undefined && seconds * 1000 > Duration.toMillis(Duration.fromInputUnsafe(longestWait))
          const isFinal = isTooLong || retryCount >= retries || !isTransient(request, response.status, retryCount)
          return isFinal ? Effect.succeed(response) : again(retryCount, response.status, seconds)
        }
      })
    return Effect.flatMap(isProbe({ endpoint, group }) ? once : attempt(0), rejectErrors(request))
  })
