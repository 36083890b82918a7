/** So many refusals a millisecond take a sixteenth of the processor, at 40 us each. */
const perMs = 1.5
/** So many may leave at once after a while without. */
const burst = 250
/** A refusal is on its way by then, in milliseconds: with it comes `Retry-After: 1`. */
const patienceMs = 1000
/** No more than these wait, whatever it costs: a connection may send any number of requests without reading. */
const most = 10_000

/**
 * How many of the refusals that wait may leave, each time it is asked. All at once while there are few. Callers who do
 * not heed `Retry-After` ask again as soon as they are refused, and would have the whole processor for refusals: against
 * those it helps to take some time. The more wait, the faster they leave, so that none waits much longer than a second.
 */
export const makePace = (startedAt: number): ((now: number, waiting: number) => number) => {
  let left = burst
  let askedAt = startedAt
  return (now, waiting) => {
    left = Math.min(burst, left + (now - askedAt) * Math.max(perMs, waiting / patienceMs))
    askedAt = now
    const leaving = Math.max(waiting - most, Math.min(waiting, Math.floor(left)))
    left = Math.max(0, left - leaving)
    return leaving
  }
}
