import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makeAdmissionLogs } from "../../src/services/rateLimit/AdmissionLog.ts"
import type { Policy } from "../../src/domain/RateLimit.ts"
import { admissionLaws } from "../support/AdmissionProperties.ts"
import { start } from "../support/AdmissionModel.ts"

const policyOf = (windowMicros: number, limit = 1): Policy => ({ name: "test", limit, windowMicros })

const second = policyOf(1_000_000)
const minute = policyOf(60_000_000)

/** Logs for at most `maxKeys` keys; `at` is in microseconds. */
const logsFor = (maxKeys: number) => {
  const logs = makeAdmissionLogs(maxKeys)
  const spend = (key: string, at: number, policy = second) => logs.ask(key, policy, 1, start + at).admitted
  const used = (key: string, at: number, policy = second) => logs.ask(key, policy, 0, start + at).used
  return {
    logs,
    spend,
    used,
    fill: (keys: ReadonlyArray<string>, at: number) => keys.forEach((key, i) => spend(key, at + i))
  }
}

describe("the in-process sliding-window logs", () => {
  for (const { holds, name } of admissionLaws) {
    it.effect(name, () =>
      Effect.suspend(() => {
        const logs = makeAdmissionLogs(10_000)
        return holds(({ count, key, policy }, now) => Effect.sync(() => logs.ask(key, policy, count, now)))
      })
    )
  }

  it.effect("evict the least recently admitted key if there are too many", () =>
    Effect.sync(() => {
      const { fill, logs, spend, used } = logsFor(3)
      fill(["a", "b", "c"], 0)
      spend("d", 10)
      assert.strictEqual(logs.size(), 3)
      assert.deepStrictEqual([used("a", 11), used("b", 11), used("c", 11), used("d", 11)], [0, 1, 1, 1])
    })
  )

  it.effect("move a key to the end for an admission, but not for a denial", () =>
    Effect.sync(() => {
      const { logs, used } = logsFor(2)
      const two = policyOf(1_000_000, 2)
      for (const key of ["a", "b", "a", "b"]) logs.ask(key, two, key === "a" ? 1 : 2, start)
      // Both are full; `a` was admitted last.
      logs.ask("a", two, 1, start + 5)
      logs.ask("b", two, 1, start + 6)
      logs.ask("c", two, 1, start + 7)
      assert.deepStrictEqual([used("a", 8, two), used("b", 8, two), used("c", 8, two)], [2, 0, 1])
    })
  )

  it.effect("keep the order of the others if a key from the middle is admitted again", () =>
    Effect.sync(() => {
      const { logs, used } = logsFor(3)
      const two = policyOf(1_000_000, 2)
      for (const [at, key] of ["a", "b", "c", "b", "d", "e"].entries()) logs.ask(key, two, 1, start + at)
      assert.deepStrictEqual(
        ["a", "b", "c", "d", "e"].map((key) => used(key, 6, two)),
        [0, 2, 0, 1, 1]
      )
    })
  )

  it.effect("evict expired keys first, even if an older one still counts", () =>
    Effect.sync(() => {
      const { logs, spend, used } = logsFor(2)
      spend("old", 0, minute)
      spend("short", 10)
      spend("new", 1_000_010)
      assert.strictEqual(logs.size(), 2)
      assert.strictEqual(used("old", 1_000_010, minute), 1)
      assert.strictEqual(used("new", 1_000_010), 1)
    })
  )

  it.effect("evict the oldest key of all windows if none has expired", () =>
    Effect.sync(() => {
      const { logs, spend, used } = logsFor(3)
      const hour = policyOf(3_600_000_000)
      spend("a", 1, minute)
      spend("b", 0, hour)
      spend("c", 2)
      spend("d", 3, policyOf(100_000))
      assert.strictEqual(logs.size(), 3)
      assert.deepStrictEqual([used("a", 4, minute), used("b", 4, hour), used("c", 4)], [1, 0, 1])
    })
  )

  it.effect("remove expired keys without another request for them", () =>
    Effect.sync(() => {
      const { logs, spend } = logsFor(10_000)
      for (let key = 0; key < 5000; key++) spend(`first${key}`, key)
      assert.strictEqual(logs.size(), 5000)
      // Twice as fast as keys are added, and only a bounded number at a time.
      for (let key = 0; key < 1000; key++) spend(`then${key}`, 2_000_000 + key)
      assert.strictEqual(logs.size(), 4000)
      for (let key = 1000; key < 2500; key++) spend(`then${key}`, 2_000_000 + key)
      assert.strictEqual(logs.size(), 2500)
    })
  )

  it.effect("never hold more keys than the maximum, with any number of windows", () =>
    Effect.sync(() => {
      const { logs, spend } = logsFor(100)
      for (let turn = 0; turn < 20_000; turn++) {
        // Primes, so that keys, windows and times combine in every way.
        spend(`key${(turn * 7919) % 1009}`, turn * 13, policyOf(100_000 + ((turn * 31) % 17) * 50_000))
        assert.isAtMost(logs.size(), 100)
      }
      assert.strictEqual(logs.size(), 100)
    })
  )

  it.effect("store nothing for a key that was only read", () =>
    Effect.sync(() => {
      const { logs, used } = logsFor(10)
      assert.strictEqual(used("a", 0), 0)
      assert.strictEqual(logs.size(), 0)
    })
  )

  it.effect("count a key of two windows in each", () =>
    Effect.sync(() => {
      const { logs, spend, used } = logsFor(10)
      assert.deepStrictEqual([spend("a", 0), spend("a", 1), spend("a", 2, minute), spend("a", 3, minute)], [1, 0, 1, 0])
      assert.strictEqual(logs.size(), 2)
      assert.deepStrictEqual([used("a", 1_000_000), used("a", 1_000_000, minute)], [0, 1])
    })
  )

  it.effect("free no place if the clock is set back by at most a window", () =>
    Effect.sync(() => {
      const { logs, spend } = logsFor(10)
      spend("a", 0)
      for (const back of [1, 999_999, 1_000_000]) {
        const answer = logs.ask("a", second, 1, start - back)
        const wait = 1_000_000 + back
        assert.deepStrictEqual(answer, { used: 1, admitted: 0, resetMicros: wait, retryMicros: wait })
      }
      assert.strictEqual(spend("a", 1_000_000), 1)
    })
  )

  it.effect("do not lock out a key that was stored with a time a year ahead", () =>
    Effect.sync(() => {
      const { logs, spend } = logsFor(10)
      spend("a", 0)
      const answer = logs.ask("a", second, 1, start - 31_536_000_000_000)
      assert.deepStrictEqual(answer, { used: 0, admitted: 1, resetMicros: 1_000_000, retryMicros: 0 })
    })
  )

  it.effect("keep the newest of a hundred thousand keys", () =>
    Effect.sync(() => {
      const logs = makeAdmissionLogs(1000)
      const ask = (key: number) => logs.ask(String(key), second, 1, start)
      for (let key = 0; key < 100_000; key++) ask(key)
      assert.strictEqual(logs.size(), 1000)
      assert.strictEqual(ask(99_000).used, 1)
      assert.strictEqual(ask(98_999).used, 0)
    })
  )
})
