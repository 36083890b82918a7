/** Hashes per share of difficulty 1. */
export const hashesPerDifficulty = 2 ** 32

/** The difficulty is checked after this many shares, or after the time that they should take. ckpool: 240 seconds. */
const sharesToCheck = 72
/** Shares in a period of the decaying mean of difficulty per second. ckpool: 300 seconds. */
const sharesOfPeriod = 90
/** Bounds of the share rate relative to the target, within which the difficulty stays. */
const lowest = 2 / 3
const highest = 4 / 3

/** Difficulty of a connection and the statistics by which it is adjusted. Times are in seconds. */
export interface Vardiff {
  readonly difficulty: number
  readonly firstShare: number
  readonly lastShare: number
  readonly lastChange: number
  readonly sharesSinceChange: number
  /** Decaying mean of difficulty per second. */
  readonly mean: number
}

export const startVardiff = (difficulty: number, at: number): Vardiff => ({
  difficulty,
  firstShare: at,
  lastShare: at,
  lastChange: at,
  sharesSinceChange: 0,
  mean: 0
})

/** Rounds to a whole number, or to three digits below 1, because the smallest devices need fractions. */
export const roundDifficulty = (difficulty: number): number =>
  difficulty >= 1 ? Math.round(difficulty) : Number(difficulty.toPrecision(3))

const decay = (periods: number) => 1 - Math.exp(-Math.min(36, periods))

/** Adjusts the difficulty after a share, as ckpool's `add_submit` does. `target` is the wanted rate, in shares/s. */
export const afterShare = (state: Vardiff, credited: number, now: number, target: number): Vardiff => {
  const seconds = Math.max(0.001, now - state.lastShare)
  const period = sharesOfPeriod / target
  const part = decay(seconds / period)
  const mean = (state.mean + (credited / seconds) * part) / (1 + part)
  const sharesSinceChange = state.sharesSinceChange + 1
  const next = { ...state, lastShare: now, mean, sharesSinceChange }
  if (sharesSinceChange < sharesToCheck && now - state.lastChange < sharesToCheck / target) return next
  const bias = decay(Math.max(1, now - state.firstShare) / period)
  const perSecond = mean / bias
  const relative = perSecond / state.difficulty / target
  if (relative > lowest && relative < highest) return next
  const difficulty = roundDifficulty(perSecond / target)
  if (difficulty === state.difficulty) return next
  // The first share after a pause proves nothing about the hashrate.
  if (difficulty < state.difficulty && sharesSinceChange === 1) return { ...next, lastChange: now }
  return { ...next, difficulty, sharesSinceChange: 0, lastChange: now }
}
