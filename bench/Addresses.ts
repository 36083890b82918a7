/** Cycles through `count` addresses for `X-Forwarded-For` (at most 16 million). */
export const addressesOf = (count: number): (() => string) => {
  let next = 0
  return () => {
    const at = next
    next = (next + 1) % count
    return `10.${(at >> 16) & 255}.${(at >> 8) & 255}.${at & 255}`
  }
}
