/*
 * The 95 % interval of a hashrate, written from its definition and not from the code of the service: quantiles of
 * chi-squared by bisection of the incomplete gamma function.
 */

/** Logarithm of the gamma function: Stirling's series after shifting the argument. */
const logGamma = (x: number): number => {
  if (x < 20) return logGamma(x + 1) - Math.log(x)
  return (
    (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5)
  )
}

/** P(X <= x) for a gamma distribution of shape `a` and scale 1, by its power series. */
const gammaBelow = (a: number, x: number): number => {
  if (x <= 0) return 0
  let term = 1 / a
  let sum = term
  for (let n = 1; term > sum * 1e-15; n++) {
    term *= x / (a + n)
    sum += term
  }
  return Math.exp(a * Math.log(x) - x - logGamma(a)) * sum
}

const known = new Map<string, number>()

/** Quantile of chi-squared with any positive number of degrees of freedom. */
const chiSquared = (probability: number, degrees: number): number => {
  const key = `${probability} ${degrees}`
  const before = known.get(key)
  if (before !== undefined) return before
  let [low, high] = [0, degrees + 20 * Math.sqrt(degrees) + 50]
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (gammaBelow(degrees / 2, middle / 2) < probability) low = middle
    else high = middle
  }
  known.set(key, low)
  return low
}

interface Work {
  readonly difficulty: number
}

/** Hashrate of shares in a window of `seconds`. `largest` is the largest difficulty that was assigned, also without a share. */
export const expectedRate = (shares: ReadonlyArray<Work>, seconds: number, largest: number | null) => {
  const y = shares.reduce((sum, { difficulty }) => sum + difficulty, 0)
  const v = shares.reduce((sum, { difficulty }) => sum + difficulty ** 2, 0)
  const w = Math.max(largest ?? 0, ...shares.map(({ difficulty }) => difficulty))
  const perSecond = 2 ** 32 / seconds
  const bound = (probability: number, sum: number, squares: number) =>
    (squares / (2 * sum)) * chiSquared(probability, (2 * sum * sum) / squares) * perSecond
  return {
    value: y * perSecond,
    low: y === 0 ? 0 : bound(0.025, y, v),
    high: w === 0 ? null : bound(0.975, y + w, v + w * w),
    shares: shares.length
  }
}
