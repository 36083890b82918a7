const firstMs = 1000
const largestMs = 15_000

/** Waits that double up to 15 seconds. Jitter spreads the reconnects of many pages after a restart. */
export const makeBackoff = () => {
  let failures = 0
  return {
    get failures() {
      return failures
    },
    next: (): number => Math.min(largestMs, firstMs * 2 ** failures++) * (0.5 + Math.random() / 2),
    reset: () => {
      failures = 0
    }
  }
}
