import { assert, describe, it } from "@effect/vitest"
import { default as fc } from "fast-check"
import { uuid7Of } from "../../src/domain/Uuid7.ts"

/** Microseconds since 1970, to the year 2255. */
const micros = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER - 1 })
const bytes = fc.uint8Array({ minLength: 8, maxLength: 8 })

describe("uuid7Of", () => {
  it("agrees with the example of RFC 9562, appendix A.6, to the microsecond", () => {
    const random = Uint8Array.of(0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f)
    // Its rand_a, CC3, lies within the microsecond that begins at CC0.
    assert.strictEqual(uuid7Of(1_645_557_742_000_797, random), "017f22e2-79b0-7cc0-98c4-dc0c0c07398f")
  })

  it.each([
    [0, "00000000-0000-7000-8000-000000000000"],
    [999, "00000000-0000-7ffb-8000-000000000000"],
    [1000, "00000000-0001-7000-8000-000000000000"]
  ])("writes %i microseconds as %s", (at, id) => {
    assert.strictEqual(uuid7Of(at, new Uint8Array(8)), id)
  })

  it("is a UUID of version 7 and the RFC's variant, whatever the bytes", () => {
    fc.assert(
      fc.property(micros, bytes, (at, random) => {
        assert.match(uuid7Of(at, random), /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/u)
      })
    )
  })

  it("sorts by time to the microsecond, whatever the bytes", () => {
    fc.assert(
      fc.property(micros, bytes, bytes, (at, one, other) => {
        assert.isBelow(uuid7Of(at, one).localeCompare(uuid7Of(at + 1, other), "en"), 0)
      })
    )
  })

  it("keeps 62 of the random bits", () => {
    fc.assert(
      fc.property(bytes, (random) => {
        const tail = uuid7Of(0, random).slice(19).replaceAll("-", "")
        const mask = 2n ** 62n - 1n
        assert.strictEqual(BigInt(`0x${tail}`) & mask, BigInt(`0x${Buffer.from(random).toString("hex")}`) & mask)
      })
    )
  })
})
