import { assert, describe, it } from "@effect/vitest"
import { HttpServerRequest } from "effect/http"
import { hasHost, isMalformedTarget, isServed } from "../../../src/http/middleware/Refusal.ts"

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

describe("a request", () => {
  it.each([
    ["a name", "example.com"],
    ["a name with a port", "example.com:8000"],
    ["an address", "[::1]:8000"],
    ["nothing", ""]
  ])("has a Host that is %s", (_, host) => assert.isTrue(hasHost(requestWith(host, raw("Host", "Accept")))))

  it.each([
    ["none", undefined, raw("Accept")],
    ["two", "a", raw("Host", "Accept", "HOST")],
    ["one that the target stood in for", "a", raw("Accept")],
    ["one with a path", "a/b", raw("Host")],
    ["one with a space", "a b", raw("Host")],
    ["one with a list", "a@b", raw("Host")]
  ])("has no Host with %s", (_, host, source) => assert.isFalse(hasHost(requestWith(host, source))))

  it("is served but for TRACE", () => {
    assert.deepStrictEqual(["GET", "PROPFIND", "TRACE"].map(isServed), [true, true, false])
  })
})
