import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { haproxy } from "../support/LoadBalancer.ts"
import { answerTo, request } from "../support/RawHttp.ts"
import { haproxyBefore, nginx, nginxBefore } from "../support/ReverseProxy.ts"
import { realServer } from "../support/TestEdge.ts"

/** The address of the client; the proxies are at 127.0.0.1. */
const client = "127.0.0.5"

/** Headers with which a client may try to choose its address; each is sent through every proxy. */
const spoofs: ReadonlyArray<readonly [string, string]> = [
  ["nothing", ""],
  ["X-Forwarded-For", "X-Forwarded-For: 198.51.100.7\r\n"],
  ["X-Forwarded-For with an empty element", "X-Forwarded-For: 198.51.100.7,\r\n"],
  ["X-Forwarded-For of the proxy", "X-Forwarded-For: 198.51.100.7, 127.0.0.1\r\n"],
  ["X-Forwarded-For twice", "X-Forwarded-For: 198.51.100.7\r\nX-Forwarded-For: 198.51.100.8\r\n"],
  ["X-Forwarded-For of another case", "x-forwarded-FOR: 198.51.100.7\r\n"],
  ["Forwarded", "Forwarded: for=198.51.100.7\r\n"],
  ["Forwarded with a quoted string", 'Forwarded: for=198.51.100.7;host="a,for=198.51.100.8;x="\r\n'],
  ["Forwarded with an open quote", 'Forwarded: for="198.51.100.7\r\n'],
  ["Forwarded with an open escape", 'Forwarded: for="198.51.100.7\\\r\n'],
  ["Forwarded twice", "Forwarded: for=198.51.100.7\r\nForwarded: for=127.0.0.1\r\n"],
  ["X-Real-IP", "X-Real-IP: 198.51.100.7\r\n"],
  ["all of them", "X-Forwarded-For: 198.51.100.7\r\nForwarded: for=198.51.100.8\r\nX-Real-IP: 198.51.100.9\r\n"]
]

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const quoted = String.raw`\"([\t \x21\x23-\x5B\x5D-\x7E\x80-\xFF]|\\[\t \x21-\x7E\x80-\xFF])*\"`
const pair = `${token}=(${token}|${quoted})`
const element = `(${pair})?(;(${pair})?)*`

/** From nginx's page "Using the Forwarded header". */
const nginxForwarded = `
  map $remote_addr $proxy_forwarded_elem {
    ~^[0-9.]+$        "for=$remote_addr";
    ~^[0-9A-Fa-f:.]+$ "for=\\"[$remote_addr]\\"";
    default           "for=unknown";
  }
  map $http_forwarded $proxy_add_forwarded {
    "~^(,[ \\t]*)*(${element}([ \\t]*,([ \\t]*${element})?)*)?$" "$http_forwarded, $proxy_forwarded_elem";
    default "$proxy_forwarded_elem";
  }
  proxy_set_header Forwarded $proxy_add_forwarded;`

const nginxRows = [
  ["x-forwarded-for", "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"],
  ["x-real-ip", "proxy_set_header X-Real-IP $remote_addr;"],
  ["forwarded", nginxForwarded]
] as const

const haproxyRows = [
  ["x-forwarded-for", "option forwardfor"],
  ["x-client-ip", "option forwardfor header X-Client-IP"],
  ["x-real-ip", "http-request set-header X-Real-IP %[src]"],
  ["forwarded", "http-request set-header Forwarded for=%[src]"]
] as const

/** Client addresses that the service logs, by the header sent through a proxy. */
const addressesThrough = Effect.fnUntraced(function* <E, R>(
  header: string,
  proxyBefore: (upstream: number) => Effect.Effect<number, E, R>
) {
  const variables = { TBG_TRUSTED_PROXIES: "127.0.0.1", TBG_CLIENT_ADDRESS_HEADER: header }
  const { lines, port } = yield* realServer({ variables })
  const proxy = yield* proxyBefore(port)
  for (const [index, [, spoof]] of spoofs.entries()) {
    const bytes = request("/version", { headers: { "X-Request-Id": `spoof-${index}` } })
    const { status } = yield* answerTo(proxy, bytes.replace("\r\n\r\n", `\r\n${spoof}\r\n`), client)
    assert.strictEqual(status, 200)
  }
  const logged = lines.map((line) => Object(JSON.parse(line)))
  return spoofs.map(([name], index) => [
    name,
    logged.find((line) => line["request_id"] === `spoof-${index}`)?.client_address
  ])
})

const own = spoofs.map(([name]) => [name, client])

describe.skipIf(nginx.isMissing)(`behind nginx${nginx.isMissing ? ` (skipped without ${nginx.reason})` : ""}`, () => {
  it.live.each(nginxRows)("a client cannot choose its address, with %s configured", ([header, settings]) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* addressesThrough(header, (port) => nginxBefore([port], settings)), own)
    })
  )
})

describe.skipIf(haproxy.isMissing)(
  `behind HAProxy${haproxy.isMissing ? ` (skipped without ${haproxy.reason})` : ""}`,
  () => {
    it.live.each(haproxyRows)("a client cannot choose its address, with %s configured", ([header, settings]) =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* addressesThrough(header, (port) => haproxyBefore(port, settings)), own)
      })
    )
  }
)
