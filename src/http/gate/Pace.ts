/** So many refusals a millisecond take a sixteenth of the processor, at 40 us each. */
const perMs = 1.5
/** So many milliseconds' worth may leave at once after a while without; and that long they wait at most. */
const secondMs = 1000

/**
 * How many of the refusals that wait may leave, each time it is asked. All at once while they are few. Callers who do
 * not heed `Retry-After` ask again as soon as they are refused, and would have the whole processor for refusals:
 * against those it helps to take some time. Where so many wait that it would take longer than a second, they leave as
 * fast as that takes, until none is left.
 */
export const makePace = (startedAt: number): ((now: number, waiting: number) => number) => {
  let rate = perMs
  let left = perMs * secondMs
  let askedAt = startedAt
  return (now, waiting) => {
    left = Math.min(rate * secondMs, left + (now - askedAt) * rate)
    askedAt = now
    rate = Math.max(rate, waiting / secondMs)
    const leaving = Math.min(waiting, Math.floor(left))
    left -= leaving
    if (leaving === waiting) rate = perMs
    return leaving
  }
}
