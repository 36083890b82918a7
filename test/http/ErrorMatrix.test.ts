import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { failures } from "../../src/http/ErrorCodes.ts"
import { dialects, expectedBody, failureRows, listedOrigin, requestOf } from "../support/FailureRows.ts"
import { canary } from "../support/FaultyApi.ts"
import { answersTo, request } from "../support/RawHttp.ts"
import type { RawAnswer } from "../support/RawHttp.ts"
import { FaultyServer } from "../support/TestEdge.ts"

const security = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
}

const cors = {
  "access-control-allow-origin": listedOrigin,
  "access-control-allow-credentials": "true",
  "access-control-expose-headers":
    "X-Request-Id, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, RateLimit, RateLimit-Policy, " +
    "Retry-After, ETag, Link, Location, Idempotency-Replayed"
}

const ownId = /^test-123$/
const newId = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/

const ofStatus: Record<number, Record<string, string>> = {
  401: { "www-authenticate": "Bearer" },
  503: { "retry-after": "1" }
}

/** Headers that may be on a connection, and those that describe the body, which are compared with it. */
const others = new Set(["date", "connection", "keep-alive", "content-length", "content-type", "x-request-id"])

const ownHeaders = ({ headers }: RawAnswer) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !others.has(name)))

const origins = [listedOrigin, "https://other.example", undefined]

/** Every error in every format, each with every origin; every origin meets both kinds of connection. */
const cells = failureRows.flatMap((row, rowIndex) =>
  dialects.map((dialect, dialectIndex) => {
    const turn = rowIndex + dialectIndex
    const origin = origins[turn % origins.length]
    const keepAlive = turn % 2 === 0
    const title = `${row.name}, ${dialect.dialect}, origin ${origin}, ${keepAlive ? "keep-alive" : "close"}`
    return { row, dialect, origin, keepAlive, title }
  })
)

/** Ends a keep-alive connection, which shows that the previous response ended at its declared length. */
const last = request("/faulty/probe")

layer(FaultyServer.layer({ variables: { TBG_MAX_BODY_BYTES: "1000" } }), { excludeTestServices: true })(
  "every failure to every caller",
  (it) => {
    it.effect.each(cells)("$title", ({ dialect, keepAlive, origin, row }) =>
      Effect.gen(function* () {
        const { port } = yield* FaultyServer
        const refused = row.refusedBy !== undefined
        const isParsers = row.refusedBy === "parser"
        const more = keepAlive && !refused ? [last] : []
        const [answer, ...rest] = yield* answersTo(port, requestOf(row, dialect, { keepAlive, origin }), ...more)
        assert.isDefined(answer)
        assert.deepStrictEqual(
          rest.map(({ status }) => status),
          more.map(() => 200)
        )
        const { status } = failures[row.code]
        assert.strictEqual(answer.status, status)
        assert.deepStrictEqual(ownHeaders(answer), {
          ...security,
          ...(isParsers ? {} : { vary: "Origin" }),
          ...(origin === listedOrigin && !isParsers ? cors : {}),
          ...ofStatus[status],
          ...(row.allow === undefined ? {} : { allow: row.allow })
        })
        assert.match(answer.headers["x-request-id"] ?? "", isParsers ? newId : ownId)
        assert.strictEqual(answer.headers["connection"], keepAlive && !refused ? "keep-alive" : "close")
        assert.strictEqual(
          answer.headers["content-type"],
          dialect.dialect === "problem" && !refused ? "application/problem+json" : "application/json"
        )
        assert.notInclude(answer.body, canary)
        const body: unknown = JSON.parse(answer.body)
        assert.deepStrictEqual(withoutTitle(body), expectedBody(row, dialect, "test-123"))
      })
    )
  }
)

/** The title of a problem is a phrase for people. */
const withoutTitle = (body: unknown): unknown => {
  const { title: _, ...rest } = Object(body)
  return rest
}
