import { assert, describe, it } from "@effect/vitest"
import { hasBody } from "../../../src/http/gate/Arrival.ts"

describe("an arrival", () => {
  it.each([
    ["says nothing of one", {}, false],
    ["says that it is empty", { "content-length": "0" }, false],
    ["says so with more digits than it needs", { "content-length": "00" }, false],
    ["tells its length", { "content-length": "1" }, true],
    ["comes in chunks", { "transfer-encoding": "chunked" }, true]
  ])("has a body to be read where that is so: it %s", (_, headers, has) => {
    assert.strictEqual(hasBody(headers), has)
  })
})
