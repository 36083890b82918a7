import { assert, describe, it } from "@effect/vitest"
import { networkFinding, projectionFinding } from "../../../src/cli/doctor/Mining.ts"

const stateOf = (status: "ok" | "stale" | "idle" | "off", is_led: boolean, isProjecting: boolean) =>
  projectionFinding({ status, is_led, lag_ms: 0, last_event_at: null }, isProjecting).state

describe("projectionFinding", () => {
  it("fails if events wait without progress, and warns if no process projects", () => {
    assert.strictEqual(stateOf("stale", true, true), "failed")
    assert.strictEqual(stateOf("off", false, false), "warning")
    assert.strictEqual(stateOf("off", false, true), "ok")
    assert.strictEqual(stateOf("idle", true, false), "ok")
  })
})

describe("networkFinding", () => {
  it("fails only if more events are of another network than count", () => {
    assert.strictEqual(networkFinding("mainnet", 11, 10).state, "failed")
    assert.strictEqual(networkFinding("mainnet", 10, 10).state, "ok")
  })
})
