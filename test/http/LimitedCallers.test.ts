import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Api } from "../../src/http/api/Api.ts"
import { Authorization, LimitByAddress, LimitByKey } from "../../src/http/api/Authorization.ts"
import { LimitSignIn, SignedIn } from "../../src/http/api/SignedIn.ts"
import { answerTo, request } from "../support/RawHttp.ts"
import { realServer } from "../support/TestEdge.ts"

const once = { TBG_RATE_LIMIT_MODE: "enforce", TBG_RATE_LIMIT_REQUESTS: "1" }

/** Response to the second caller after the first has spent its only request. */
const secondOf = (variables: Record<string, string>, callers: readonly [object, object]) =>
  Effect.gen(function* () {
    const { port } = yield* realServer({ variables: { ...once, ...variables } })
    const [first, second] = callers
    const before = yield* answerTo(port, request("/version", { headers: { ...first } }))
    assert.strictEqual(before.status, 200)
    return (yield* answerTo(port, request("/version", { headers: { ...second } }))).status
  })

const forwarded = (chain: string) => ({ "X-Forwarded-For": chain })

describe("the address that a limit counts", () => {
  it.live.each([
    ["a header that any client can send", forwarded("203.0.113.1"), forwarded("203.0.113.2")],
    ["Forwarded", { Forwarded: "for=203.0.113.1" }, { Forwarded: "for=203.0.113.2" }],
    ["other names for an address", { "X-Real-IP": "203.0.113.1" }, { "CF-Connecting-IP": "203.0.113.2" }]
  ] as const)("is the socket's without a trusted proxy: %s", ([, first, second]) =>
    Effect.map(secondOf({}, [first, second]), (status) => assert.strictEqual(status, 429))
  )

  it.live.each([
    ["the same address", "203.0.113.1", "203.0.113.1", 429],
    ["another address", "203.0.113.1", "203.0.113.2", 200],
    ["what is left of the right-most one", "203.0.113.1", "198.51.100.9, 203.0.113.1", 429],
    ["a port", "203.0.113.1:4000", "203.0.113.1:4001", 429],
    ["an IPv6 /64", "2001:db8:1:2::1", "2001:db8:1:2:ffff::9", 429],
    ["another IPv6 /64", "2001:db8:1:2::1", "2001:db8:1:3::1", 200],
    ["IPv4 mapped into IPv6", "203.0.113.1", "::ffff:203.0.113.1", 429],
    ["the mapped form in hexadecimal", "203.0.113.1", "::ffff:cb00:7101", 429],
    ["brackets and a port", "[2001:db8::1]:80", "2001:DB8:0::1", 429],
    ["a word in the place of an address: the proxy itself", "unknown", "nonsense", 429],
    ["an empty header: the proxy itself", "", "unknown", 429]
  ] as const)("is the client's behind a trusted proxy: %s", ([, first, second, expected]) =>
    Effect.map(secondOf({ TBG_TRUSTED_PROXIES: "127.0.0.0/8" }, [forwarded(first), forwarded(second)]), (status) =>
      assert.strictEqual(status, expected)
    )
  )

  it.live.each([
    ["x-forwarded-for", { "X-Forwarded-For": "203.0.113.1" }, { Forwarded: "for=198.51.100.7" }],
    ["forwarded", { Forwarded: "for=203.0.113.1" }, { "X-Forwarded-For": "198.51.100.7" }],
    ["CF-Connecting-IP", { "CF-Connecting-IP": "203.0.113.1" }, { "X-Forwarded-For": "198.51.100.7" }]
  ] as const)("comes only from the configured header behind a trusted proxy: %s", ([header, named, other]) =>
    Effect.gen(function* () {
      const variables = { TBG_TRUSTED_PROXIES: "127.0.0.0/8", TBG_CLIENT_ADDRESS_HEADER: header }
      assert.strictEqual(yield* secondOf(variables, [named, { ...named, ...other }]), 429)
      assert.strictEqual(yield* secondOf(variables, [named, other]), 200)
    })
  )

  it.live("does not depend on how the path is written", () =>
    Effect.gen(function* () {
      const { port } = yield* realServer({ variables: once })
      const targets = ["/version", "/version?x=1", "http://elsewhere/version", "/%76ersion", "//version", "/VERSION"]
      const answers = yield* Effect.forEach(targets, (target) => answerTo(port, request(target)))
      assert.deepStrictEqual(
        answers.map(({ status }) => status),
        [200, 429, 429, 429, 429, 429]
      )
    })
  )
})

/** Endpoints without a limit (contract section 1). */
const unlimited = new Set([
  "GET /health",
  "GET /ready",
  "GET /health/db",
  "GET /metrics",
  "GET /api/v1/public/health",
  "GET /api/v1/public/health/ready",
  "GET /v1/healthz",
  "GET /v1/limits"
])

const limits = { ip: LimitByAddress, key: LimitByKey, signin: LimitSignIn, session: SignedIn }

const policiesOf = (name: string): ReadonlyArray<string> => {
  if (unlimited.has(name)) return []
  if (name.includes("/v1/teams/")) return ["key"]
  if (/\/auth\/(challenge|verify)$/u.test(name)) return ["signin"]
  if (name.endsWith("/users/me/addresses")) return ["signin", "session"]
  return /\/users\/me|\/v1\/(mining|dashboard)\/|\/auth\/(logout|sessions)|\/live\/ticket/u.test(name)
    ? ["session"]
    : ["ip"]
}

describe("the limit of every endpoint", () => {
  const endpoints = Object.values(Api.groups).flatMap((group) =>
    Object.values(group.endpoints).map((endpoint) => {
      const keys = new Set([...endpoint.middlewares].map(({ key }) => key))
      return {
        name: `${endpoint.method} ${endpoint.path}`,
        policies: Object.entries(limits).flatMap(([policy, { key }]) => (keys.has(key) ? [policy] : [])),
        requiresKey: keys.has(Authorization.key)
      }
    })
  )
  it.each(endpoints)("matches the contract: $name", ({ name, policies, requiresKey }) => {
    assert.deepStrictEqual(policies, policiesOf(name))
    assert.strictEqual(requiresKey, name.includes("/v1/teams/"))
  })
})
