import { assert, describe, it } from "@effect/vitest"
import { PayloadTooLarge, UnsupportedMediaType } from "../../../src/http/Errors.ts"
import { hasTooManyFields, bodyErrorOf } from "../../../src/http/middleware/Payload.ts"

const json = { "content-type": "application/json" }
const chunked = { "transfer-encoding": "chunked" }

describe("a body", () => {
  it.each([
    ["none", {}],
    ["an empty one", { "content-length": "0" }],
    ["JSON", { ...json, "content-length": "100" }],
    ["chunked JSON", { ...json, ...chunked }],
    ["JSON without a content coding", { ...json, "content-length": "1", "content-encoding": "identity, " }]
  ])("is read: %s", (_, headers) => assert.isUndefined(bodyErrorOf(headers, 100)))

  it("is rejected if its declared length is too large", () => {
    assert.instanceOf(bodyErrorOf({ ...json, "content-length": "101" }, 100), PayloadTooLarge)
  })

  it.each([
    ["a length", { "content-length": "1" }],
    ["chunks", chunked],
    ["a length and another type", { "content-type": "text/xml", "content-length": "1" }],
    ["another type and no body", { "content-type": "text/xml" }]
  ])("is rejected if it is not declared as JSON: %s", (_, headers) => {
    assert.instanceOf(bodyErrorOf(headers, 100), UnsupportedMediaType)
  })
  it.each(["gzip", "GZIP", "br", "identity, gzip", "x"])("is rejected with a content coding: %s", (coding) => {
    const headers = { ...json, "content-length": "1", "content-encoding": coding }
    assert.instanceOf(bodyErrorOf(headers, 100), UnsupportedMediaType)
  })

  it.each([
    ["1000", '{"a":0,'.repeat(1000), false],
    ["1001", '{"a":0,'.repeat(1001), true],
    ["none but in a string", `["${":".repeat(2000)}"]`, false],
    ["none but after an escaped quote", `["${'\\":'.repeat(2000)}"]`, false],
    ["1001 after an escaped backslash", `["\\\\",${'{"a":0},'.repeat(1001)}]`, true]
  ])("has too many fields: %s", (_, body, expected) => {
    assert.strictEqual(hasTooManyFields(Buffer.from(body)), expected)
  })
})
