import { Duration, Effect, Random } from "effect"
import { HttpClientError } from "effect/http"
import type { HttpClientRequest, HttpClientResponse } from "effect/http"
import { HttpApiMiddleware } from "effect/http-api"
import { Common, isProbe as isOfProbe } from "../http/api/Common.ts"

export interface Patience {
  /** How often a request is tried again at most; 0 turns that off. */
  readonly retries: number
  /** How long one attempt may take, to the last byte of its answer. */
  readonly attemptTimeout: Duration.Input
  /** A `Retry-After` that asks for more than this is not waited for: the refusal is the answer. */
  readonly longestWait: Duration.Input
}

/** An attempt outlasts the service's own deadline of 10 s, and a wait its default window of 60 s. */
export const defaultPatience: Patience = { retries: 3, attemptTimeout: "15 seconds", longestWait: "60 seconds" }

type Response = HttpClientResponse.HttpClientResponse

/** The seconds of `Retry-After`; a date, which this service does not send, counts as none. */
const retryAfterOf = ({ headers }: Response): Duration.Duration | undefined => {
  const field = headers["retry-after"]
  return field !== undefined && /^\d{1,9}$/u.test(field) ? Duration.seconds(Number(field)) : undefined
}

/** 50 to 100 ms, and twice as much each time, so that callers who failed together do not come back together. */
const backoff = (made: number): Effect.Effect<Duration.Duration> =>
  Effect.map(Random.next, (random) => Duration.millis(50 * (1 + random) * 2 ** made))

/** What went wrong on the way: no connection, one that ended within the answer, or no answer in time. */
const isOfConnection = ({ reason }: HttpClientError.HttpClientError): boolean =>
  reason._tag === "TransportError" || (reason._tag === "DecodeError" && reason.cause !== undefined)

const hasKey = ({ headers }: HttpClientRequest.HttpClientRequest): boolean => headers["idempotency-key"] !== undefined

/** Whether a request may arrive twice: it changes nothing, or the service knows it again by its key. */
const isRepeatable = (request: HttpClientRequest.HttpClientRequest): boolean =>
  request.method === "GET" || request.method === "HEAD" || hasKey(request)

/** Whether an answer may be another one soon. */
const isPassing = (request: HttpClientRequest.HttpClientRequest, status: number, made: number): boolean =>
  status === 429 ||
  (status === 503 && isRepeatable(request)) ||
  // Our own attempt before, whose answer was lost, is not done yet.
  (status === 409 && hasKey(request) && made > 0)

/**
 * Tries requests again where that can do no harm, as long as `Retry-After` asks for: all of them at 429, which is
 * answered before anything is done; reads and writes with an `Idempotency-Key` also at 503 and when the connection
 * fails, and such writes at the 409 that says that an attempt before is not done yet. Probes are never tried again, as
 * their 503 is what their caller wants to know.
 */
export const retrying = ({ attemptTimeout, longestWait, retries }: Patience) =>
  HttpApiMiddleware.layerClient(Common, ({ endpoint, group, next, request }) => {
    const isProbe = isOfProbe({ endpoint, group })
    const late = Effect.suspend(() => {
      const description = `No whole answer within ${Duration.format(Duration.fromInputUnsafe(attemptTimeout))}`
      const reason = new HttpClientError.TransportError({ request, description })
      return Effect.fail(new HttpClientError.HttpClientError({ reason }))
    })
    const once = next(request).pipe(
      // The body comes over the same connection; it is kept for whoever decodes it.
      Effect.tap((response) => response.arrayBuffer),
      Effect.timeoutOrElse({ duration: attemptTimeout, orElse: () => late })
    )
    const attempt = (made: number): Effect.Effect<Response, HttpClientError.HttpClientError> =>
      Effect.matchEffect(once, {
        onFailure: (error) =>
          made < retries && isRepeatable(request) && isOfConnection(error)
            ? backoff(made).pipe(Effect.flatMap(Effect.sleep), Effect.andThen(attempt(made + 1)))
            : Effect.fail(error),
        onSuccess: (response) => {
          const wanted = retryAfterOf(response)
          const isLong = wanted !== undefined && Duration.isGreaterThan(wanted, Duration.fromInputUnsafe(longestWait))
          if (isLong || made >= retries || !isPassing(request, response.status, made)) return Effect.succeed(response)
          const wait = wanted === undefined ? backoff(made) : Effect.succeed(wanted)
          return wait.pipe(Effect.flatMap(Effect.sleep), Effect.andThen(attempt(made + 1)))
        }
      })
    return isProbe ? once : attempt(0)
  })
