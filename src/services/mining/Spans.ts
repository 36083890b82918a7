import { DateTime } from "effect"
import { windowSeconds } from "../../domain/mining/Rate.ts"
import type { Window } from "../../domain/mining/Rate.ts"

/** Buckets of one level whose start is in `[since, until)`. Together the spans of a window cover it once. */
export interface Span {
  readonly window: Window
  /** Length of the buckets in seconds. */
  readonly level: number
  readonly since: string
  readonly until: string
}

export const timeOf = (millis: number): string => DateTime.formatIso(DateTime.makeUnsafe(millis))

/**
 * Splits a window that ends now into spans of buckets: fine ones up to the first boundary of the next level, and so on.
 * The start is rounded to the finest level, so the window is at most half of that too long or too short.
 *
 * @param now milliseconds since 1970
 * @param levels lengths of buckets in seconds, finest first
 */
export const spansOf = (now: number, window: Window, levels: ReadonlyArray<number>): ReadonlyArray<Span> => {
  const end = now + 1
  const finest = (levels[0] ?? 1) * 1000
  let since = Math.round((now - windowSeconds[window] * 1000) / finest) * finest
  return levels.map((level, index) => {
    const next = levels[index + 1]
    const boundary = next === undefined ? end : Math.ceil(since / (next * 1000)) * next * 1000
    const until = Math.min(boundary, end)
    const span = { window, level, since: timeOf(since), until: timeOf(until) }
    since = until
    return span
  })
}
