import { assert, describe, it } from "@effect/vitest"
import { addressOf, limitKeyOf, makeClientAddress } from "../../../src/http/middleware/ClientAddress.ts"

const trustedProxies = ["10.0.0.0/8", "192.0.2.1", "2001:db8:ffff::/48"]
const by = (clientAddressHeader: string) => makeClientAddress({ clientAddressHeader, trustedProxies })
const clientAddress = by("x-forwarded-for")
const proxy = "10.1.2.3"
const client = "203.0.113.7"

describe("an address", () => {
  it.each([
    ["203.0.113.7", "203.0.113.7"],
    [" 203.0.113.7 ", "203.0.113.7"],
    ["203.0.113.7:443", "203.0.113.7"],
    ['"203.0.113.7:443"', "203.0.113.7"],
    ["2001:DB8::1", "2001:db8::1"],
    ["2001:db8:0:0:0:0:0:1", "2001:db8::1"],
    ["[2001:db8::1]", "2001:db8::1"],
    ["[2001:db8::1]:443", "2001:db8::1"],
    ['"[2001:db8::1]:443"', "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
    ["[fe80::1%25eth0]:80", "fe80::1"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["::ffff:cb00:7107", "203.0.113.7"],
    ["0:0:0:0:0:ffff:203.0.113.7", "203.0.113.7"],
    ["[::ffff:203.0.113.7]:80", "203.0.113.7"],
    ["::1", "::1"],
    ["::", "::"]
  ])("parses %s as %s", (text, address) => assert.strictEqual(addressOf(text), address))

  it.each([
    "",
    " ",
    "unknown",
    '"unknown"',
    "_hidden",
    "_SEVKISEK",
    "localhost",
    "example.com",
    "203.0.113",
    "203.0.113.7.9",
    "203.0.113.256",
    "203.0.113.07",
    "0x7f000001",
    "2130706433",
    "203.0.113.7/24",
    "203.0.113.7:http",
    "2001:db8::1]",
    "[2001:db8::1",
    "2001:db8:::1",
    "::ffff:203.0.113.999",
    "203.0.113.7\r\nX: y",
    "203.0.113.7 evil",
    "%eth0",
    '"',
    "1".repeat(10_000)
  ])("rejects %j", (text) => assert.isUndefined(addressOf(text)))
})

describe("the key of a limit", () => {
  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2::", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["unknown", "unknown"]
  ])("for %s is %s", (address, key) => assert.strictEqual(limitKeyOf(address), key))
})

describe("the client address", () => {
  it.each(["x-forwarded-for", "forwarded", "cf-connecting-ip"])(
    "is the peer's for an untrusted peer, whatever it sends, with %s configured",
    (header) => {
      const headers = { forwarded: "for=1.1.1.1", "x-forwarded-for": "2.2.2.2", "cf-connecting-ip": "3.3.3.3" }
      assert.strictEqual(by(header)("203.0.113.1", headers), "203.0.113.1")
    }
  )

  it("is the peer's without trusted proxies", () => {
    const untrusting = makeClientAddress({ trustedProxies: [], clientAddressHeader: "x-forwarded-for" })
    assert.strictEqual(untrusting(proxy, { "x-forwarded-for": client }), proxy)
  })

  it.each([
    ["x-forwarded-for", { forwarded: "for=6.6.6.6", "x-real-ip": "6.6.6.6", "cf-connecting-ip": "6.6.6.6" }],
    ["forwarded", { "x-forwarded-for": "6.6.6.6", "x-real-ip": "6.6.6.6", "cf-connecting-ip": "6.6.6.6" }],
    ["cf-connecting-ip", { forwarded: "for=6.6.6.6", "x-forwarded-for": "6.6.6.6", "x-real-ip": "6.6.6.6" }]
  ])("comes from no header except %s", (header, others) => {
    const value = header === "forwarded" ? `for=${client}` : client
    assert.strictEqual(by(header)(proxy, { ...others, [header]: value }), client)
    assert.strictEqual(by(header)(proxy, others), proxy)
  })

  it.each([
    ["one", client, client],
    ["from right to left", `1.1.1.1, 2.2.2.2, ${client}`, client],
    ["past trusted ones", `1.1.1.1, ${client}, 10.9.9.9, 192.0.2.1`, client],
    ["past trusted ones of IPv6", `${client}, 2001:db8:ffff::9`, client],
    ["past a mapped trusted one", `${client}, ::ffff:10.0.0.9`, client],
    ["up to the left-most, when all are trusted", "10.0.0.1, 10.0.0.2", "10.0.0.1"],
    ["up to an element that is not an address", `${client}, unknown, 10.9.9.9`, "10.9.9.9"],
    ["none, when the last is not an address", `${client}, unknown`, proxy],
    ["none, when nothing is named", "", proxy],
    ["none, when all elements are empty", " , ,\t,", proxy],
    ["past an empty element at the end", `${client},`, client],
    ["past empty elements anywhere", `, ${client},, ,10.9.9.9 , `, client],
    ["with a port", `1.1.1.1, ${client}:8080`, client],
    ["of IPv6 with a port", "[2001:db8::7]:443", "2001:db8::7"],
    ["with a spoof that looks trusted on the left", `10.0.0.1, ${client}`, client]
  ])("behind a trusted proxy comes from X-Forwarded-For %s", (_, header, expected) => {
    assert.strictEqual(clientAddress(proxy, { "x-forwarded-for": header }), expected)
    assert.strictEqual(by("true-client-ip")(proxy, { "true-client-ip": header }), expected)
  })

  it.each([
    ["one", `for=${client}`, client],
    ["with other parameters", `by=10.0.0.1;For="${client}:80";proto=https`, client],
    ["of IPv6", 'for="[2001:db8::7]:443"', "2001:db8::7"],
    ["from right to left", `for=1.1.1.1, for=${client};by=x, for=10.2.2.2`, client],
    ["up to an obfuscated one", `for=${client}, for=_hidden, for=10.2.2.2`, "10.2.2.2"],
    ["up to unknown", `for=${client}, for=unknown`, proxy],
    ["up to an element without one", `for=${client}, proto=https`, proxy],
    ["past empty elements", `for=${client}, ,for=10.2.2.2,`, client],
    ["with separators in a quoted string", `for=${client};host="a,for=6.6.6.1;x="`, client],
    ["with a quoted string before it", `host="a,for=6.6.6.1;x=";for=${client}`, client],
    ["with quoted pairs", `for=${client};host="\\",for=6.6.6.1;x=\\\\"`, client],
    ["with quoted pairs in the address", `for="203.0.113.7\\:80"`, client],
    ["after a quote that the client left open", `for="6.6.6.1, for=${client}`, client],
    ["after an escape that the client left open", `for="6.6.6.1\\, for=${client};by="x"`, client],
    ["but of none of two in one element", `for=6.6.6.1;for=${client}`, proxy],
    ["but not of a name with this ending", `x-for=6.6.6.1`, proxy],
    ["but not of a quote that is never closed", `for=6.6.6.1, for="${client}`, proxy]
  ])("behind a trusted proxy comes from Forwarded %s", (_, forwarded, expected) => {
    assert.strictEqual(by("forwarded")(proxy, { forwarded }), expected)
  })

  it.each([
    ["10.0.0.0", true],
    ["10.255.255.255", true],
    ["11.0.0.0", false],
    ["9.255.255.255", false],
    ["192.0.2.1", true],
    ["192.0.2.2", false],
    ["::ffff:10.0.0.1", true],
    ["2001:db8:ffff:1::1", true],
    ["2001:db8:fffe::1", false]
  ])("trusts exactly the listed networks: %s", (peer, trusted) => {
    assert.strictEqual(clientAddress(peer, { "x-forwarded-for": client }) === client, trusted)
  })

  it("of a closed socket is unknown", () => {
    assert.strictEqual(clientAddress(undefined, { "x-forwarded-for": client }), "unknown")
  })
})
