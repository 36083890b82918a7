import { assert, describe, it } from "@effect/vitest"
import { makeLane } from "../../../src/http/gate/Lane.ts"

describe("the lane of probes", () => {
  const isInLane = makeLane([
    { method: "GET", path: "/ready", isProbe: true },
    { method: "GET", path: "/version", isProbe: false },
    { method: "GET", path: "/pages" }
  ])

  it.each([
    ["GET", "/ready", true],
    ["HEAD", "/ready", true],
    ["GET", "/ready?verbose=1", true],
    ["POST", "/ready", false],
    ["GET", "//ready", false],
    ["GET", "/Ready", false],
    ["GET", "/version", false],
    ["GET", "/pages", false],
    ["OPTIONS", "*", false]
  ])("%s %s: %s", (method, target, isIn) => assert.strictEqual(isInLane(method, target), isIn))
})
