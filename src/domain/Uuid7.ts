const hex = (value: number | bigint, digits: number): string => value.toString(16).padStart(digits, "0")

/**
 * A UUID of version 7 (RFC 9562, section 5.7; section 6.2, method 3): ids sort as their times do, to the microsecond.
 *
 * @param micros Microseconds since 1970; those below the millisecond go into `rand_a`.
 * @param random 8 random bytes.
 */
export const uuid7Of = (micros: number, random: Uint8Array): string => {
  const millis = hex(Math.floor(micros / 1000), 12)
  // 12 bits hold a fraction of a millisecond in steps of a 4096th.
  const fraction = hex(Math.floor(((micros % 1000) * 4096) / 1000), 3)
  const [first = 0, ...rest] = random
  const tail = [(first & 0x3f) | 0x80, ...rest].map((byte) => hex(byte, 2)).join("")
  return `${millis.slice(0, 8)}-${millis.slice(8)}-7${fraction}-${tail.slice(0, 4)}-${tail.slice(4)}`
}
