import { assert, describe, it } from "@effect/vitest"
import { outageOf, resumptionOf } from "../../../src/domain/mining/Gaps.ts"
import { shareStream } from "../../../src/domain/mining/StreamEntry.ts"
import type { StreamState } from "../../../src/domain/mining/StreamEntry.ts"

const now = 10_000_000_000_000
const second = 1_000_000
const stateOf = (ids: ReadonlyArray<string>, read: ReadonlyArray<string> = []): StreamState => ({
  stream: shareStream,
  entries: read.map((id) => ({ stream: shareStream, id, fields: [] })),
  oldest: ids[0],
  newest: ids.at(-1),
  isWrongType: false
})
const resumed = (state: StreamState, position: string | undefined) => resumptionOf(state, position, now)

describe("resumptionOf", () => {
  it("continues after a position that the stream still has", () => {
    assert.isUndefined(resumed(stateOf(["5000-0", "6000-0", "7000-0"], ["7000-0"]), "6000-0"))
    assert.isUndefined(resumed(stateOf(["5000-0", "6000-0"]), "6000-0"))
  })

  it("continues while the stream is empty or missing", () => {
    assert.isUndefined(resumed(stateOf([]), "6000-0"))
  })

  it("reads a stream from its start at the first start, and refills the 8 days before it", () => {
    const from = now - 8 * 86_400 * second
    assert.deepStrictEqual(resumed(stateOf(["5000-0"], ["5000-0"]), undefined), {
      stream: shareStream,
      position: "4999-18446744073709551615",
      gap: { reason: "first_start", from, to: 7 * second }
    })
    assert.deepStrictEqual(resumed(stateOf([]), undefined), {
      stream: shareStream,
      position: "0-10000000000",
      gap: { reason: "first_start", from, to: now }
    })
  })

  it("refills from the first start to the first entry of a stream that was empty then", () => {
    const first = "10000050000-0"
    assert.deepStrictEqual(resumed(stateOf([first], [first]), "0-10000000000"), {
      stream: shareStream,
      position: "10000049999-18446744073709551615",
      gap: { reason: "first_start", from: now - 900 * second, to: now + 52 * second }
    })
  })

  it("ends a gap soon if the clock of Redis was far ahead, so that it can be refilled", () => {
    const [ahead, later] = ["20000000000-0", "20000000001-0"]
    const latest = now + 62 * second
    const first = resumed(stateOf([ahead], [ahead]), undefined)
    assert.strictEqual(first?.gap?.to, latest)
    const emptied = resumed(stateOf(["10000000000-0"], ["10000000000-0"]), ahead)
    assert.deepStrictEqual(emptied?.gap, { reason: "reset", from: now - 900 * second, to: latest })
    const trimmed = resumed(stateOf([later], [later]), ahead)
    assert.deepStrictEqual(trimmed?.gap, { reason: "trimmed", from: now - 840 * second, to: latest })
    assert.deepStrictEqual(outageOf(ahead, now), {
      reason: "reconnected",
      from: now - 10 * second,
      to: now + 2 * second
    })
  })

  it("refills the span that was trimmed before it was read", () => {
    const gap = { reason: "trimmed", from: (6000 - 900_000) * 1000, to: 9000 * 1000 + 2 * second }
    const trimmed = (oldest: string) => resumed(stateOf([oldest], [oldest]), "6000-7")
    assert.deepStrictEqual<unknown>(trimmed("9000-0"), {
      stream: shareStream,
      position: "8999-18446744073709551615",
      gap
    })
    assert.isUndefined(resumed(stateOf(["9000-0"], ["9000-0"]), trimmed("9000-0")?.position))
    assert.deepStrictEqual<unknown>(trimmed("9000-3"), { stream: shareStream, position: "9000-2", gap })
  })

  it("continues after the newest entry if ids went back, and refills up to the former position", () => {
    assert.deepStrictEqual<unknown>(resumed(stateOf(["1000-0", "4000-0"]), "6000-0"), {
      stream: shareStream,
      position: "4000-0",
      gap: { reason: "reset", from: (4000 - 900_000) * 1000, to: 6000 * 1000 + 2 * second }
    })
  })
})
