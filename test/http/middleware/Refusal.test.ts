import { assert, describe, it } from "@effect/vitest"
import { HttpServerRequest } from "effect/http"
import { isMalformedHost, isMalformedTarget, isServed } from "../../../src/http/middleware/Refusal.ts"

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
  ])("is well formed as %s", (_, host) => assert.isFalse(isMalformedHost(requestWith(host, raw("Host", "Accept")))))

  it.each([
    ["sent twice", "a", raw("Host", "Accept", "HOST")],
    ["a path", "a/b", raw("Host")],
    ["with a space", "a b", raw("Host")],
    ["with credentials", "a@b", raw("Host")]
  ])("is malformed if it is %s", (_, host, source) => assert.isTrue(isMalformedHost(requestWith(host, source))))
})

describe("a request", () => {
  it("is served unless it is TRACE", () => {
    assert.deepStrictEqual(["GET", "PROPFIND", "TRACE"].map(isServed), [true, true, false])
  })
})
