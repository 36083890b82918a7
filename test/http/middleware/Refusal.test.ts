import { assert, describe, it } from "@effect/vitest"
import { HttpServerRequest } from "effect/http"
import {
  hasTooManyFields,
  isMalformedHost,
  isMalformedTarget,
  isServed,
  lacksHost
} from "../../../src/http/middleware/Refusal.ts"

const requestWith = (host: string | undefined, source: object = {}) => {
  const headers = new Headers()
  if (host !== undefined) headers.set("host", host)
  const request = HttpServerRequest.fromWeb(new Request("http://localhost/", { headers }))
  return { headers: request.headers, source }
}

const raw = (...names: ReadonlyArray<string>) => ({ rawHeaders: names.flatMap((name) => [name, "a"]) })

describe("a target", () => {
  it.each([
    ["GET", "/"],
    ["GET", "/a?b=%ff"],
    ["GET", "/%C3%A9"],
    ["GET", "/%00"],
    ["GET", "/100%25"],
    ["OPTIONS", "*"]
  ])("can be made out: %s %s", (method, target) => assert.isFalse(isMalformedTarget(method, target)))

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
  ])("cannot be made out: %s %j", (method, target) => assert.isTrue(isMalformedTarget(method, target)))
})

describe("Host", () => {
  it.each([
    ["a name", "example.com"],
    ["a name with a port", "example.com:8000"],
    ["an address", "[::1]:8000"],
    ["empty", ""]
  ])("is well formed as %s", (_, host) => {
    const request = requestWith(host, raw("Host", "Accept"))
    assert.deepStrictEqual([lacksHost(request), isMalformedHost(request)], [false, false])
  })

  it.each([
    ["sent twice", "a", raw("Host", "Accept", "HOST")],
    ["a path", "a/b", raw("Host")],
    ["with a space", "a b", raw("Host")],
    ["with credentials", "a@b", raw("Host")]
  ])("is malformed if it is %s", (_, host, source) => assert.isTrue(isMalformedHost(requestWith(host, source))))

  it.each([
    ["HTTP/1.1", "1.1", undefined, true],
    ["HTTP/1.1 with an absolute URL as target", "1.1", "a", true],
    ["HTTP/1.0", "1.0", undefined, false]
  ])("that is not sent is missing: %s", (_, httpVersion, host, expected) => {
    assert.strictEqual(lacksHost(requestWith(host, { ...raw("Accept"), httpVersion })), expected)
  })
})

describe("a request", () => {
  it.each([
    [1000, false],
    [1001, true]
  ])("of %i header fields has too many: %s", (count, expected) => {
    assert.strictEqual(hasTooManyFields(raw(...Array.from({ length: count }, () => "a"))), expected)
  })

  it("is served unless it is TRACE", () => {
    assert.deepStrictEqual(["GET", "PROPFIND", "TRACE"].map(isServed), [true, true, false])
  })
})
