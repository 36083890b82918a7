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
 * Array with swap-remove; each request stores its index. A `Set` through which requests come and go keeps garbage alive
 * once its table is in the old generation of V8, because each table points at the next.
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
  /** Whether the whole request has arrived. */
  readonly isWhole: (request: Request) => boolean
  /** Answers for a fiber that does not end. */
  readonly giveUp: (request: Request) => void
}

/** Interval between two sweeps. */
const sweeps = (timeoutMs: number) => Schedule.spaced(Math.max(5, timeoutMs / 20))

/**
 * Interrupts requests `timeoutMs` milliseconds after their arrival. One sweep serves all requests, because a timer for
 * each costs more than a short handler; a request can live a twentieth longer than the timeout.
 *
 * A request that is still being sent is left to the server's own limits, because interrupting the reading of a body
 * closes the connection without a response. If the fiber has not ended by the next sweep, for example because Postgres
 * does not cancel a statement, `giveUp` answers for it.
 */
export const makeDeadline = Effect.fnUntraced(function* <Request extends Timed>({
  giveUp,
  isWhole,
  timeoutMs
}: DeadlineOptions<Request>) {
  const inFlight = makeInFlight<Request>()
  let interrupted: ReadonlyArray<Request> = []
  const sweep = Effect.sync(() => {
    interrupted.forEach(giveUp)
    const oldest = performance.now() - timeoutMs
    interrupted = inFlight.all.filter((request) => request.startedAt <= oldest && isWhole(request))
    for (const request of interrupted) {
      inFlight.remove(request)
      request.isLate = true
      request.fiber.interruptUnsafe()
    }
  })
  yield* Effect.forkScoped(Effect.repeat(sweep, sweeps(timeoutMs)))
  /** Answers all requests, also those that were interrupted and have not ended. */
  const giveUpAll = (): void => [...inFlight.all, ...interrupted].forEach(giveUp)
  return { ...inFlight, giveUpAll }
})
