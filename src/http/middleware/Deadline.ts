import { Effect, Schedule } from "effect"
import type { RequestInfo } from "./RequestInfo.ts"

/** The requests that run, in no order. */
export interface Running {
  readonly all: ReadonlyArray<RequestInfo>
  readonly add: (info: RequestInfo) => void
  /** Also of one that was never added. */
  readonly remove: (info: RequestInfo) => void
}

/**
 * Array with swap-remove; each request stores its index. A `Set` through which requests come and go keeps garbage alive
 * once its table is in the old generation of V8, because each table points at the next.
 */
export const makeRunning = (): Running => {
  const all: Array<RequestInfo> = []
  return {
    all,
    add: (info) => {
      info.place = all.push(info) - 1
    },
    remove: (info) => {
      if (info.place === -1) return
      const last = all.pop()
      if (last !== undefined && last !== info) {
        all[info.place] = last
        last.place = info.place
      }
      info.place = -1
    }
  }
}

/** When to look for those that are past `timeoutMs` milliseconds: none lives a twentieth longer than it should. */
export const sweeps = (timeoutMs: number) => Schedule.spaced(Math.max(5, timeoutMs / 20))

/**
 * Ends requests that run past `timeoutMs` milliseconds, by interruption: a query of their own is cancelled, one that
 * shares a session is ended by the statement timeout.
 *
 * One that is still being sent is left to the server's limits: to end the reading of a body is to close its connection,
 * without an answer.
 *
 * One sweep for all of them instead of a timer each. A request may live a twentieth longer than it should.
 *
 * What cannot be ended so soon, as a statement of a transaction whose server does not even take its cancellation, is
 * `stuck` at the next sweep: its caller is not to wait for that.
 */
export const makeDeadline = Effect.fnUntraced(function* (timeoutMs: number, stuck: (info: RequestInfo) => void) {
  const running = makeRunning()
  let ended: ReadonlyArray<RequestInfo> = []
  const sweep = Effect.sync(() => {
    ended.forEach(stuck)
    const oldest = performance.now() - timeoutMs
    ended = running.all.filter((info) => info.startedAt <= oldest && info.isWhole)
    for (const info of ended) {
      running.remove(info)
      info.isLate = true
      info.fiber.interruptUnsafe()
    }
  })
  yield* Effect.forkScoped(Effect.repeat(sweep, sweeps(timeoutMs)))
  /** Those that are past it too, which have been interrupted and are not stuck yet. */
  const giveUpAll = (): void => [...running.all, ...ended].forEach(stuck)
  return { ...running, giveUpAll }
})
