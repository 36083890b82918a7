import { assert, describe, it } from "@effect/vitest"
import { DateTime, Schema } from "effect"
import { default as fc } from "fast-check"
import { Timestamp, timestampOf } from "../../src/domain/Timestamp.ts"

const isTimestamp = Schema.is(Timestamp)

const microsOf = (text: string): number =>
  DateTime.toEpochMillis(DateTime.makeUnsafe(`${text.slice(0, 23)}Z`)) * 1000 + Number(text.slice(23, 26))

describe("Timestamp", () => {
  it.each([
    [0, "1970-01-01T00:00:00.000000Z"],
    [1, "1970-01-01T00:00:00.000001Z"],
    [1_645_557_742_123_456, "2022-02-22T19:22:22.123456Z"]
  ])("formats %i microseconds as %s", (micros, text) => {
    assert.strictEqual(timestampOf(micros), text)
    assert.strictEqual(microsOf(text), micros)
  })

  it("is unchanged after encoding and decoding", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (micros) => {
        const text = timestampOf(micros)
        assert.isTrue(isTimestamp(text))
        assert.strictEqual(microsOf(text), micros)
      })
    )
  })
})
