import { assert, describe, it } from "@effect/vitest"
import { makePriority } from "../../src/http/Admission.ts"

describe("priority", () => {
  const hasPriority = makePriority([
    { method: "GET", path: "/ready", isProbe: true },
    { method: "GET", path: "/version", isProbe: false }
  ])

  it.each([
    ["GET", "/ready", true],
    ["HEAD", "/ready?verbose=1", true],
    ["GET", "HTTP://localhost:8000/ready?a=b", true],
    ["GET", "http://localhost/ready;/../v1/teams/demo/posts", false],
    ["GET", "/ready;a", false],
    ["POST", "/ready", false],
    ["GET", "/version", false],
    ["OPTIONS", "*", false]
  ])("gives %s %s priority: %s", (method, url, expected) =>
    assert.strictEqual(hasPriority({ method, url, headers: {} }), expected)
  )

  it("is given to a preflight and to no other OPTIONS request", () => {
    const headers = { origin: "http://localhost:3000", "access-control-request-method": "GET" }
    assert.isTrue(hasPriority({ method: "OPTIONS", url: "/version", headers }))
    assert.isFalse(hasPriority({ method: "OPTIONS", url: "/ready", headers: { origin: headers.origin } }))
  })
})
