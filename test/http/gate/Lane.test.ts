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
    ["GET", "http://localhost:8000/ready", true],
    ["HEAD", "HTTP://localhost/ready?a=b", true],
    ["GET", "http://localhost/version", false],
    ["GET", "http://localhost/ready;/../v1/teams/demo/posts", false],
    ["GET", "http://localhost/ready;/%2e%2e/version", false],
    ["GET", "/ready;a", false],
    ["GET", "/ready#a", false],
    ["GET", "http:///ready", false],
    ["GET", "http://", false],
    ["POST", "/ready", false],
    ["GET", "//ready", false],
    ["GET", "/Ready", false],
    ["GET", "/version", false],
    ["GET", "/pages", false],
    ["OPTIONS", "*", false]
  ])("%s %s: %s", (method, url, isIn) => assert.strictEqual(isInLane({ method, url, headers: {} }), isIn))

  it("is that of preflights as well, and of no other OPTIONS", () => {
    const asked = { origin: "http://localhost:3000", "access-control-request-method": "GET" }
    assert.isTrue(isInLane({ method: "OPTIONS", url: "/version", headers: asked }))
    assert.isFalse(isInLane({ method: "OPTIONS", url: "/ready", headers: { origin: asked.origin } }))
  })
})
