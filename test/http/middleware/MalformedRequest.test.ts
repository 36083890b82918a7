import { assert, describe, it } from "@effect/vitest"
import { Headers } from "effect/http"
import { IncomingMessage } from "node:http"
import { Socket } from "node:net"
import { BadRequest, MissingHost, TooManyFields } from "../../../src/http/Errors.ts"
import { errorOfRequest, isMalformedTarget } from "../../../src/http/middleware/MalformedRequest.ts"

/** Error of a request for `/` with these header fields, in the order in which they were sent. */
const errorOf = (fields: ReadonlyArray<readonly [name: string, value: string]>, httpVersion = "1.1") => {
  const source = new IncomingMessage(new Socket())
  source.httpVersion = httpVersion
  source.rawHeaders = fields.flat()
  const headers = Headers.fromInput(fields.toReversed())
  return errorOfRequest({ headers, method: "GET", source, url: "/" })
}

describe("a request target", () => {
  it.each([
    ["GET", "/"],
    ["GET", "/a?b=%ff"],
    ["GET", "/%C3%A9"],
    ["GET", "/%00"],
    ["GET", "/100%25"],
    ["OPTIONS", "*"]
  ])("is parsed: %s %s", (method, target) => assert.isFalse(isMalformedTarget(method, target)))

  it.each([
    ["GET", ""],
    ["GET", "*"],
    ["GET", "a"],
    ["GET", "http://[/a"],
    ["GET", "ftp://a/b"],
    ["GET", "/%"],
    ["GET", "/%zz"],
    ["GET", "/%f"],
    ["GET", "/%ff"],
    ["GET", "/%C3%28"],
    ["GET", "/%ED%A0%80"],
    ["GET", "/%c0%80?a"],
    ["OPTIONS", "a"]
  ])("is not parsed: %s %j", (method, target) => assert.isTrue(isMalformedTarget(method, target)))
})

describe("a request head", () => {
  it.each([
    ["a name", "example.com"],
    ["a name with a port", "example.com:8000"],
    ["an address", "[::1]:8000"],
    ["an empty Host", ""]
  ])("is accepted with %s as Host", (_, host) => assert.isUndefined(errorOf([["Host", host]])))

  it.each([
    ["a path", "a/b"],
    ["a space", "a b"],
    ["credentials", "a@b"]
  ])("is rejected with %s in Host", (_, host) => assert.instanceOf(errorOf([["Host", host]]), BadRequest))

  it("is rejected with two Host fields", () => {
    const fields = [
      ["Host", "a"],
      ["Accept", "b"],
      ["HOST", "a"]
    ] as const
    assert.instanceOf(errorOf(fields), BadRequest)
  })

  it("requires Host since HTTP/1.1", () => {
    assert.instanceOf(errorOf([]), MissingHost)
    assert.isUndefined(errorOf([], "1.0"))
  })

  it("has at most 1,000 fields", () => {
    const fields = Array.from({ length: 999 }, () => ["X", "a"] as const)
    assert.isUndefined(errorOf([["Host", "a"], ...fields]))
    assert.instanceOf(errorOf([["Host", "a"], ["X", "a"], ...fields]), TooManyFields)
  })
})
