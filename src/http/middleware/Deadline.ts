import { Effect, Schedule } from "effect"
import type { Fiber } from "effect"

/** A request with a deadline. */
export interface Timed {
  readonly fiber: Fiber.Fiber<unknown, unknown>
  /** Arrival, in milliseconds of `performance.now()`. */
  readonly startedAt: number
  /** Whether the deadline interrupted the request. */
  isLate: boolean
  /** Index among the requests in flight; -1 if the request is not in flight. */
  index: number
}

/** Requests in flight, unordered. */
export interface InFlight<Request extends Timed> {
  readonly all: ReadonlyArray<Request>
  readonly add: (request: Request) => void
  /** Does nothing for a request that is not in flight. */
  readonly remove: (request: Request) => void
}

/**
 * Array with swap-remove; each request stores its index. V8 would keep removed entries of a `Set` in memory, because
 * old tables of a busy `Set` point at newer ones.
 */
export const makeInFlight = <Request extends Timed>(): InFlight<Request> => {
  const all: Array<Request> = []
  return {
    all,
    add: (request) => {
      request.index = all.push(request) - 1
    },
    remove: (request) => {
      if (request.index === -1) return
      const last = all.pop()
      if (last !== undefined && last !== request) {
        all[request.index] = last
        last.index = request.index
      }
      request.index = -1
    }
  }
}

export interface DeadlineOptions<Request> {
  readonly timeoutMs: number
  /** Whether the request has arrived completely. */
  readonly isComplete: (request: Request) => boolean
  /** Sends the response of a request whose fiber does not end. */
  readonly forceResponse: (request: Request) => void
}

const sweepSchedule = (timeoutMs: number) => Schedule.spaced(Math.max(5, timeoutMs / 20))

/**
 * Interrupts requests `timeoutMs` milliseconds after their arrival. One sweep checks all requests, because a timer per
 * request costs more than a short handler. A request can therefore take a twentieth longer than the timeout.
 *
 * The server's own timeouts apply to requests that are still arriving. Interrupting the reading of a body would close
 * the connection without a response. If a fiber has not ended by the next sweep, for example because Postgres does not
 * cancel a statement, `forceResponse` responds instead.
 */
export const makeDeadline = Effect.fnUntraced(function* <Request extends Timed>({
  forceResponse,
  isComplete,
  timeoutMs
}: DeadlineOptions<Request>) {
  const inFlight = makeInFlight<Request>()
  let interrupted: ReadonlyArray<Request> = []
  const sweep = Effect.sync(() => {
    interrupted.forEach(forceResponse)
    const oldest = performance.now() - timeoutMs
    interrupted = inFlight.all.filter((request) => request.startedAt <= oldest && isComplete(request))
    for (const request of interrupted) {
      inFlight.remove(request)
      request.isLate = true
      request.fiber.interruptUnsafe()
    }
  })
  yield* Effect.forkScoped(Effect.repeat(sweep, sweepSchedule(timeoutMs)))
  /** Responds to all requests, including interrupted ones that have not ended. */
  const forceResponses = (): void => [...inFlight.all, ...interrupted].forEach(forceResponse)
  return { ...inFlight, forceResponses }
})
