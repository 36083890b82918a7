import { default as fc } from "fast-check"
import { bodyOf, bytes, latin1, report } from "./GeneratedBody.ts"
import type { Shape } from "./GeneratedBody.ts"
import { request } from "./RawHttp.ts"

/** A request that no client library would send. */
export interface Generated {
  readonly method: string
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  /** One character per byte, like the other parts. */
  readonly body?: string | undefined
}

export const bytesOf = ({ body, headers, method, target }: Generated): string =>
  request(target, { method, headers, ...(body === undefined ? {} : { body }) })

const encoded = fc
  .tuple(fc.constantFrom("%", "%0", "%00", "%0a", "%2f", "%2e%2e", "%C3%A9", "%ff", "%ED%A0%80", "%u0041"), bytes)
  .map((parts) => parts.join("").replace(/[ #]/g, ""))
const uuid = "0190d6a1-0000-7000-8000-000000000000"
const segment = fc.oneof(
  { weight: 10, arbitrary: fc.constantFrom("a", uuid) },
  fc.constantFrom("a", uuid, "..", ".", "", "*", "a".repeat(200)),
  encoded,
  fc.webSegment()
)
const query = fc.oneof(
  fc.constant(""),
  fc.webQueryParameters().map((parameters) => `?${parameters}`),
  fc
    .tuple(fc.constantFrom("limit", "offset", "cursor", "limit[]"), fc.oneof(segment, fc.integer()))
    .map((pair) => `?${pair.join("=")}`)
)

/** Targets at and around existing paths. */
const targetOf = (paths: ReadonlyArray<string>) => {
  const filled = fc
    .tuple(fc.constantFrom(...paths), fc.array(segment, { minLength: 2, maxLength: 2 }))
    .map(([path, [first = "", second = ""]]) => path.replace(/\{\w+\}/, first).replace(/\{\w+\}/, second))
  return fc.oneof(
    { weight: 24, arbitrary: fc.tuple(filled, query).map((parts) => parts.join("")) },
    { weight: 2, arbitrary: fc.tuple(filled, segment).map((parts) => parts.join("/")) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constantFrom("/", "http://x", "http://[", "x:"), filled).map((parts) => parts.join(""))
    },
    { weight: 1, arbitrary: segment.map((part) => `/${part}`) },
    fc.constant("*")
  )
}

const values = fc.oneof(
  { weight: 1, arbitrary: bytes },
  fc
    .string({ maxLength: 40 })
    .map(latin1)
    .map((value) => value.replace(/[\r\n]/g, "")),
  fc.constantFrom(
    "*",
    "*/*",
    "application/problem+json",
    "application/json;q=0.5, */*",
    "http://localhost:5173",
    "null",
    "text/xml"
  ),
  fc.constantFrom("for=1.1.1.1, for=unknown", "1.1.1.1, ::1", "Bearer x", "bytes=0-1", 'W/"x"', "gzip", "a".repeat(129))
)
const headers = fc.dictionary(
  fc.constantFrom(
    "Accept",
    "Accept-Encoding",
    "Access-Control-Request-Method",
    "Authorization",
    "Content-Encoding",
    "Content-Type",
    "Cookie",
    "Forwarded",
    "Host",
    "Idempotency-Key",
    "If-None-Match",
    "Origin",
    "Range",
    "traceparent",
    "Upgrade",
    "User-Agent",
    "X-Forwarded-For",
    "X-Request-Id",
    "__proto__"
  ),
  values,
  { maxKeys: 4 }
)

const method = fc.oneof(
  { weight: 16, arbitrary: fc.constantFrom("GET", "POST") },
  fc.constantFrom("HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "QUERY", "FOO", "get")
)

/** Requests at and around these paths (`/a/{b}`), with bodies at and around one shape. */
export const generatedFor = (paths: ReadonlyArray<string>, shape: Shape = report): fc.Arbitrary<Generated> =>
  fc.record({ method, target: targetOf(paths), headers, body: fc.option(bodyOf(shape), { nil: undefined }) })
