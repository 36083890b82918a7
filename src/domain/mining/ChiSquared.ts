/** Coefficients of the Lanczos approximation with g = 7 (P. Godfrey, 2001); relative error below 1e-14. */
const lanczos = [
  0.999_999_999_999_809_9, 676.520_368_121_885_1, -1259.139_216_722_402_8, 771.323_428_777_653_1,
  -176.615_029_162_140_6, 12.507_343_278_686_905, -0.138_571_095_265_720_12, 9.984_369_578_019_572e-6,
  1.505_632_735_149_311_6e-7
]

/** Natural logarithm of the gamma function of x + 1, for x ≥ 0. */
const logFactorial = (x: number): number => {
  const sum = lanczos.reduce((sum, coefficient, index) => sum + (index === 0 ? coefficient : coefficient / (x + index)))
  const t = x + 7.5
  return 0.5 * Math.log(2 * Math.PI) + (x + 0.5) * Math.log(t) - t + Math.log(sum)
}

const epsilon = 1e-16

/** The series of DLMF 8.7.1: `P(a, x) · Γ(a + 1) · e^x / x^a`. Converges fast for x < a + 1. */
const lowerSeries = (a: number, x: number): number => {
  let term = 1
  let sum = 1
  for (let n = 1; term > sum * epsilon; n++) {
    term *= x / (a + n)
    sum += term
  }
  return sum
}

/** The continued fraction of DLMF 8.9.2, by Lentz's method: `Q(a, x) · Γ(a) · e^x / x^a`, for x ≥ a + 1. */
const upperFraction = (a: number, x: number): number => {
  const tiny = 1e-300
  let b = x + 1 - a
  let c = 1 / tiny
  let d = 1 / b
  let fraction = d
  for (let n = 1; ; n++) {
    const an = n * (a - n)
    b += 2
    d = 1 / (an * d + b || tiny)
    c = an / c + b || tiny
    fraction *= d * c
    if (Math.abs(d * c - 1) < 1e-15) return fraction
  }
}

/** Both tails of the gamma distribution of shape `a`, and its density times x, at `x = e^u`. */
const gammaAt = (a: number, u: number, logGamma: number) => {
  const x = Math.exp(u)
  const density = Math.exp(a * u - x - logGamma) * a
  if (x < a + 1) {
    const lower = (density / a) * lowerSeries(a, x)
    return { lower, upper: 1 - lower, density }
  }
  const upper = density * upperFraction(a, x)
  return { lower: 1 - upper, upper, density }
}

/** Probability below the lower quantile and above the upper one. */
const tail = 0.025

/** The 97.5 % quantile of the standard normal distribution. */
const normal = 1.959_963_984_540_054

/**
 * Quantile of the gamma distribution of shape `a` by Newton's method on the logarithm of the tail as a function of
 * `u = ln x`, which is almost linear for small shapes. Each step stays within the bracket of the root.
 */
const gammaQuantile = (a: number, isLower: boolean): number => {
  const logGamma = logFactorial(a)
  // P(a, x) is at most x^a / Γ(a + 1), so the quantile is at least the x at which that is the probability.
  let low = (Math.log(isLower ? tail : 1 - tail) + logGamma) / a
  let high = Math.log(a + 10 * Math.sqrt(a) + 40)
  let u = Math.max(low, Math.log(a))
  if (isLower || a < 1) u = low
  for (let step = 0; step < 100; step++) {
    const { density, lower, upper } = gammaAt(a, u, logGamma)
    const isBelow = isLower ? lower < tail : upper > tail
    if (isBelow) low = u
    else high = u
    const change = isLower ? (Math.log(lower / tail) * lower) / density : (Math.log(tail / upper) * upper) / density
    const next = u - change
    const moved = next >= low && next <= high ? next : (low + high) / 2
    if (Math.abs(moved - u) <= 1e-15 * Math.max(1, Math.abs(u))) return Math.exp(moved)
    u = moved
  }
  return Math.exp(u)
}

/**
 * Cornish–Fisher expansion of the chi-squared quantile in the normal quantile `z` (Goldberg and Levine, Annals of
 * Mathematical Statistics 17, 1946). Relative error below 2e-10 from 400 degrees of freedom on.
 */
const expansion = (z: number, n: number): number => {
  const root = Math.sqrt(n)
  return (
    n +
    Math.SQRT2 * z * root +
    (2 / 3) * (z ** 2 - 1) +
    (z ** 3 - 7 * z) / (9 * Math.SQRT2 * root) -
    (6 * z ** 4 + 14 * z ** 2 - 32) / (405 * n) +
    (9 * z ** 5 + 256 * z ** 3 - 433 * z) / (4860 * Math.SQRT2 * n * root) +
    (12 * z ** 6 - 243 * z ** 4 - 923 * z ** 2 + 1472) / (25_515 * n ** 2)
  )
}

/**
 * The 2.5 % (`lower`) or 97.5 % (`upper`) quantile of the chi-squared distribution, for more than 0 degrees of freedom,
 * which need not be whole. Relative error below 1e-9; 0 if the quantile is below the smallest number.
 */
export const chiSquared = (quantile: "lower" | "upper", degrees: number): number => {
  const isLower = quantile === "lower"
  return degrees < 400 ? 2 * gammaQuantile(degrees / 2, isLower) : expansion(isLower ? -normal : normal, degrees)
}
