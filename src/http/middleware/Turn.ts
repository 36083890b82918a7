import { Effect } from "effect"

/**
 * Ends at the end of this turn of the event loop, for all who wait at once. Requests that arrive together are then
 * handled one after the other, when all of them have been read: code and data stay in the processor's caches, and the
 * answers leave together. That is a tenth to a quarter of a request's cost (docs/performance.md), and no delay, as the
 * loop would have read them first in any case.
 */
export const makeTurn = (): Effect.Effect<void> => {
  let waiting: Array<(ended: Effect.Effect<void>) => void> = []
  const end = (): void => {
    const all = waiting
    waiting = []
    for (const resume of all) resume(Effect.void)
  }
  return Effect.callback((resume) => {
    if (waiting.length === 0) setImmediate(end)
    waiting.push(resume)
  })
}
