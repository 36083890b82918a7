import { assert, describe, it } from "@effect/vitest"
import { securityHeaders } from "../../../src/http/middleware/SecurityHeaders.ts"

const everywhere = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
}

describe("security headers", () => {
  it("are exact outside production", () => assert.deepStrictEqual(securityHeaders(false), everywhere))

  it("require HTTPS in production", () => {
    assert.deepStrictEqual(securityHeaders(true), {
      ...everywhere,
      "strict-transport-security": "max-age=31536000; includeSubDomains"
    })
  })
})
