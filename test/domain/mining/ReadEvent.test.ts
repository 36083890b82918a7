import { assert, describe, it } from "@effect/vitest"
import { readEvent } from "../../../src/domain/mining/ReadEvent.ts"
import type { ReadAddress } from "../../../src/domain/mining/ReadEvent.ts"
import type { StreamEntry } from "../../../src/domain/mining/StreamEntry.ts"

const readAddress: ReadAddress = (text) => {
  if (text.startsWith("bc1")) return "wrong_network"
  return /^tb1[a-z0-9]+$/i.test(text) ? { address: text.toLowerCase() } : "bad_address"
}

const id = "1796083200000-0"
const arrivedAt = 1_796_083_200_000_000
const share = { user: "tb1q", worker: "tb1q.rig.1", diff: 1024, sdiff: 3000.5, accepted: true }

const entryOf = (type: string, fields: Readonly<Record<string, string>>): StreamEntry => ({
  stream: `mining:${type}`,
  id,
  fields: Object.entries(fields)
})
const collected = (type: string, data: object | string, ts = "1796083199.123456") =>
  readEvent(
    entryOf(type, { event: type, ts, source: "hosted", data: typeof data === "string" ? data : JSON.stringify(data) }),
    readAddress
  )
const bridged = (type: string, fields: Readonly<Record<string, string>>) =>
  readEvent(entryOf(type, fields), readAddress)

const expected = {
  _tag: "Share",
  address: "tb1q",
  worker: "rig.1",
  at: 1_796_083_199_123_456,
  arrivedAt,
  difficulty: 1024,
  reached: 3000.5
}

const reasonOf = (reading: ReturnType<typeof readEvent>) => ("reason" in reading ? reading.reason : reading._tag)

describe("readEvent", () => {
  it("reads a share of either producer", () => {
    assert.deepStrictEqual<unknown>(collected("share_submitted", share), expected)
    const flat = { user: "TB1Q", worker: "TB1Q_rig.1", diff: "1.024k", sdiff: "3000.50000000", ts: "1796083199.123456" }
    assert.deepStrictEqual<unknown>(bridged("share_submitted", flat), expected)
  })

  it("dates an event without a time by its arrival", () => {
    assert.deepStrictEqual<unknown>(collected("share_submitted", share, "0"), { ...expected, at: arrivedAt })
  })

  it("names the worker by the part after the address", () => {
    const named = (worker: string) => {
      const reading = collected("share_submitted", { ...share, worker })
      return "worker" in reading ? reading.worker : reasonOf(reading)
    }
    assert.deepStrictEqual(["tb1q", "tb1q.", "tb1q_", "", "tb1q._x", "tb1q.مرحبا"].map(named), [
      "default",
      "default",
      "default",
      "default",
      "_x",
      "مرحبا"
    ])
    assert.strictEqual(named(`tb1q.${"ä".repeat(64)}`), "ä".repeat(64))
  })

  it("refuses an invalid share with its reason", () => {
    const second = JSON.stringify(share).replace('"accepted"', '"user":"tb1z","\\u0077orker":"tb1z.x","accepted"')
    const rows: ReadonlyArray<readonly [string, object | string, string?]> = [
      ["bad_json", '{"user":"tb1q","worker":"tb1q.a"b"}'],
      ["bad_json", "[1]"],
      ["duplicate_key", second],
      ["oversized", { ...share, worker: `tb1q.${"x".repeat(10_000)}` }],
      ["misattributed", { ...share, worker: "tb1z.rig" }],
      ["misattributed", { ...share, worker: "tb1qrig" }],
      ["bad_address", { ...share, user: "x", worker: "x.a" }],
      ["bad_address", { ...share, user: undefined }],
      ["wrong_network", { ...share, user: "bc1q", worker: "bc1q.a" }],
      ["bad_name", { ...share, worker: `tb1q.${"ä".repeat(65)}` }],
      ["bad_name", { ...share, worker: 7 }],
      ["bad_text", { ...share, worker: "tb1q.\0" }],
      ["bad_text", { ...share, worker: "tb1q.\uFFFD" }],
      ["bad_text", { ...share, worker: "tb1q.\uD800" }],
      ["bad_difficulty", { ...share, diff: 0 }],
      ["bad_difficulty", { ...share, diff: -1 }],
      ["bad_difficulty", { ...share, sdiff: "NaN" }],
      ["bad_difficulty", { ...share, sdiff: 1e308 }],
      ["bad_time", share, "soon"],
      ["bad_time", share, "-5"],
      ["in_future", share, "1796083501"],
      ["in_future", share, "7258118400"],
      ["too_old", share, "1795391999"],
      ["too_old", share, "1"]
    ]
    for (const [reason, data, ts] of rows) {
      assert.strictEqual(reasonOf(collected("share_submitted", data, ts)), reason, JSON.stringify(data).slice(0, 200))
    }
    assert.strictEqual(
      reasonOf(
        readEvent(
          {
            stream: "mining:share_submitted",
            id,
            fields: [
              ["a", "1"],
              ["a", "2"]
            ]
          },
          readAddress
        )
      ),
      "duplicate_key"
    )
  })

  it("accepts the largest and the earliest values that are allowed", () => {
    assert.strictEqual(reasonOf(collected("share_submitted", { ...share, diff: 1e18, sdiff: 1e-9 })), "Share")
    assert.strictEqual(reasonOf(collected("share_submitted", share, "1796083500")), "Share")
    assert.strictEqual(reasonOf(collected("share_submitted", share, "1795392000")), "Share")
  })

  it("reads missing values of blocks as null", () => {
    const block = { user: "pool", worker: "", height: 900_000, hash: "", diff: 0, network_diff: 0 }
    const found = { _tag: "FoundBlock", at: 1_796_083_199_123_456, height: 900_000, hash: null, difficulty: null }
    assert.deepStrictEqual<unknown>(collected("block_found", block), { ...found, address: null, worker: null })
    assert.deepStrictEqual<unknown>(
      collected("block_found", { ...block, user: "tb1q", worker: "rig", network_diff: 7 }),
      {
        ...found,
        difficulty: 7,
        address: "tb1q",
        worker: "rig"
      }
    )
    assert.deepStrictEqual<unknown>(
      collected("new_block_network", { height: 5, hash: "00ab", diff: 1.5, prev_hash: "unknown" }),
      { _tag: "NetworkBlock", at: found.at, height: 5, hash: "00ab", difficulty: 1.5, prevHash: null }
    )
    assert.strictEqual(reasonOf(collected("new_block_network", { height: 0 })), "bad_height")
  })

  it("reads connections, whose worker may lack the address", () => {
    const connected = { _tag: "Connected", address: "tb1q", worker: "rig", at: expected.at }
    assert.deepStrictEqual<unknown>(collected("miner_connected", { user: "tb1q", worker: "rig" }), connected)
    assert.deepStrictEqual<unknown>(collected("miner_disconnected", { user: "tb1q", worker: "tb1q.rig" }), {
      ...connected,
      _tag: "Disconnected"
    })
  })

  it("ignores known events without effect and reports unknown types", () => {
    assert.strictEqual(reasonOf(bridged("hashrate_update", { user: "tb1q", hashrate_1m: "19.1M" })), "Ignored")
    assert.strictEqual(reasonOf(collected("share_submitted", { ...share, accepted: false })), "Ignored")
    assert.strictEqual(reasonOf(collected("payout_sent", {})), "Unknown")
  })
})
