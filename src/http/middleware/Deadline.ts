import { Effect, Schedule } from "effect"
import type { RequestInfo } from "./RequestInfo.ts"

/**
 * Ends requests that run past `timeoutMs` milliseconds, by interruption: a query of their own is cancelled, one that
 * shares a session is ended by the statement timeout.
 *
 * One that is still being sent is left to the server's limits: to end the reading of a body is to close its connection,
 * without an answer.
 *
 * One sweep for all of them instead of a timer each: they have the same time, so the oldest come first, and a request
 * costs an entry in a set. A request may live a twentieth longer than it should.
 *
 * What cannot be ended so soon, as a statement of a transaction whose server does not even take its cancellation, is
 * `stuck` at the next sweep: its caller is not to wait for that.
 */
export const makeDeadline = Effect.fnUntraced(function* (timeoutMs: number, stuck: (info: RequestInfo) => void) {
  const running = new Set<RequestInfo>()
  let ended: Array<RequestInfo> = []
  const sweep = Effect.sync(() => {
    for (const info of ended) if (!info.isAnswered) stuck(info)
    ended = []
    const oldest = performance.now() - timeoutMs
    for (const info of running) {
      if (info.startedAt > oldest) break
      if (!info.isWhole) continue
      running.delete(info)
      info.isLate = true
      info.fiber.interruptUnsafe()
      ended.push(info)
    }
  })
  yield* Effect.forkScoped(Effect.repeat(sweep, Schedule.spaced(Math.max(5, timeoutMs / 20))))
  return running
})
