import { Duration, Effect, Random } from "effect"
import { HttpClientError, HttpClientRequest } from "effect/http"
import type { HttpClientResponse } from "effect/http"
import { HttpApiMiddleware } from "effect/http-api"
import { Common, isProbe as isOfProbe } from "../../../src/http/api/Common.ts"
import { takesIdempotencyKey } from "./Endpoint.ts"

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
  /** Longest `Retry-After` to wait for; a response that asks for more becomes an error at once. */
  readonly longestWait: Duration.Input
  /** Called before each wait, for example to log it. */
  readonly onRetry: (retry: Retry) => void
}

/** Covers the service's own deadline of 10 s for an attempt, and its default rate-limit window of 60 s for a wait. */
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

/** 50 to 100 ms, doubled each time. The random part spreads out callers that failed together. */
const backoff = (retryCount: number): Effect.Effect<number> =>
  Effect.map(Random.next, (random) => 50 * (1 + random) * 2 ** retryCount)

/** Whether the connection failed, closed before the end of the response, or timed out. */
const isConnectionFailure = ({ reason }: HttpClientError.HttpClientError): boolean =>
  reason._tag === "TransportError" || (reason._tag === "DecodeError" && reason.cause !== undefined)

const hasKey = ({ headers }: HttpClientRequest.HttpClientRequest): boolean => headers["idempotency-key"] !== undefined

/** Whether a request may arrive twice: it changes nothing, or the service recognizes it by its key. */
const isRepeatable = (request: HttpClientRequest.HttpClientRequest): boolean =>
  request.method === "GET" || request.method === "HEAD" || hasKey(request)

const isTransient = (request: HttpClientRequest.HttpClientRequest, status: number, retryCount: number): boolean =>
  status === 429 ||
  (status === 503 && isRepeatable(request)) ||
  // Our own previous attempt, whose response was lost, is still in progress.
  (status === 409 && hasKey(request) && retryCount > 0)

/** Fails with the response if its status is 400 or more, so that the caller gets an error with all of its fields. */
const rejectErrors = (request: HttpClientRequest.HttpClientRequest) => (response: Response) =>
  response.status < 400
    ? Effect.succeed(response)
    : Effect.fail(
        new HttpClientError.HttpClientError({ reason: new HttpClientError.StatusCodeError({ request, response }) })
      )

/**
 * Retries requests that are safe to repeat, after `Retry-After` or a backoff. A 429 is always retried, because the
 * service sends it before it does anything. Reads, and writes with an `Idempotency-Key`, are also retried after a 503 or
 * a failed connection. Such writes are also retried after a 409 that a previous attempt in progress causes. Probes are
 * never retried, because 503 is their result. A write that takes an `Idempotency-Key` gets one if it has none.
 */
export const retryMiddleware = ({ attemptTimeout, longestWait, onRetry, retries }: RetryOptions) =>
  HttpApiMiddleware.layerClient(Common, ({ endpoint, group, next, request: original }) => {
    const isProbe = isOfProbe({ endpoint, group })
    const request =
      takesIdempotencyKey(endpoint) && !hasKey(original)
        ? HttpClientRequest.setHeader(original, "idempotency-key", crypto.randomUUID())
        : original
    const timeoutFailure = Effect.suspend(() => {
      const description = `No complete response within ${Duration.format(Duration.fromInputUnsafe(attemptTimeout))}`
      const reason = new HttpClientError.TransportError({ request, description })
      return Effect.fail(new HttpClientError.HttpClientError({ reason }))
    })
    const attemptOnce = next(request).pipe(
      // Reads the body within the timeout; the decoder reuses it.
      Effect.tap((response) => response.arrayBuffer),
      Effect.timeoutOrElse({ duration: attemptTimeout, orElse: () => timeoutFailure })
    )
    const waitAndRetry = Effect.fnUntraced(function* (retryCount: number, status?: number, seconds?: number) {
      const waitMillis = seconds === undefined ? yield* backoff(retryCount) : seconds * 1000
      onRetry({ attempt: retryCount + 1, waitMillis, status })
      yield* Effect.sleep(waitMillis)
      return yield* attempt(retryCount + 1)
    })
    const attempt = (retryCount: number): Effect.Effect<Response, HttpClientError.HttpClientError> =>
      Effect.matchEffect(attemptOnce, {
        onFailure: (error) =>
          retryCount < retries && isRepeatable(request) && isConnectionFailure(error)
            ? waitAndRetry(retryCount)
            : Effect.fail(error),
        onSuccess: (response) => {
          const seconds = secondsToWait(response)
          const isLong =
            seconds !== undefined && seconds * 1000 > Duration.toMillis(Duration.fromInputUnsafe(longestWait))
          const isFinal = isLong || retryCount >= retries || !isTransient(request, response.status, retryCount)
          return isFinal ? Effect.succeed(response) : waitAndRetry(retryCount, response.status, seconds)
        }
      })
    return Effect.flatMap(isProbe ? attemptOnce : attempt(0), rejectErrors(request))
  })
