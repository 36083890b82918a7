import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { OpenApi } from "effect/http-api"
import { default as fc } from "fast-check"
import { Problem } from "../../src/http/Errors.ts"
import { openApiDocument } from "../../src/http/docs/OpenApiDocument.ts"
import { FaultyApi } from "../support/FaultyApi.ts"
import { makeDocumented } from "../support/DocumentedResponse.ts"
import { post } from "../support/GeneratedBody.ts"
import { expositionOf } from "../support/Exposition.ts"
import { bytesOf, generatedFor } from "../support/GeneratedRequest.ts"
import type { Generated } from "../support/GeneratedRequest.ts"
import { answerTo } from "../support/RawHttp.ts"
import type { RawAnswer } from "../support/RawHttp.ts"
import { faultyServer, realServer } from "../support/TestEdge.ts"
import type { TestServer } from "../support/TestEdge.ts"
import { memoryTeams, postOf, twoTeams } from "../support/TestTeams.ts"

const errors = Schema.optional(Schema.Array(Problem))
const strict = { onExcessProperty: "error" } as const
const detail = Schema.Struct({ detail: Schema.String, errors })
const details = Schema.Struct({
  request_id: Schema.String,
  doc_url: Schema.String,
  param: Schema.optional(Schema.String),
  hint: Schema.optional(Schema.String),
  errors
})
const envelope = Schema.Struct({ error: Schema.String, code: Schema.String, details })
const problem = Schema.Struct({
  type: Schema.String.check(Schema.isPattern(/^\/errors\/[a-z-]+$/)),
  title: Schema.String,
  status: Schema.Int,
  detail: Schema.String,
  instance: Schema.String,
  code: Schema.String,
  request_id: Schema.String,
  errors
})
const decodeError = Schema.decodeUnknownSync(Schema.Union([detail, envelope, problem]), strict)

/** Responses that are documented for no route: unknown paths, and the parser's. */
const unmatched = new Set([204, 400, 404, 405, 417, 431])

const property = (document: OpenApi.OpenAPISpec, { lines, port }: TestServer, requests: fc.Arbitrary<Generated>) => {
  const { isDocumented, misfitsOf } = makeDocumented(document)

  const check = (generated: Generated, before: number, { body, headers, status }: RawAnswer): void => {
    assert.isBelow(status, 500)
    const logged = lines.slice(before).map((line) => Object(JSON.parse(line)))
    assert.strictEqual(logged.length, 1, "one line a request")
    assert.strictEqual(logged[0].status, status)
    const { route } = logged[0]
    const isExpected = route === "unmatched" ? unmatched.has(status) : isDocumented(route, generated.method, status)
    assert.isTrue(isExpected, `${route} ${status}`)
    assert.match(headers["x-request-id"] ?? "", /^[\w.:-]{1,128}$/)
    assert.strictEqual(headers["cache-control"], "no-store")
    const isBodiless = status === 204 || status === 304 || generated.method === "HEAD"
    assert.strictEqual(body === "", isBodiless)
    if (isBodiless) return
    if (headers["content-type"]?.startsWith("text/plain")) return void expositionOf(body)
    const parsed: unknown = JSON.parse(Buffer.from(body, "latin1").toString("utf8"))
    if (status < 400) assert.deepStrictEqual(misfitsOf(route, generated.method, status, parsed), [])
    else assert.doesNotThrow(() => decodeError(parsed))
  }

  return fc.asyncProperty(requests, (generated) =>
    Effect.runPromise(
      Effect.suspend(() => {
        const before = lines.length
        return Effect.map(answerTo(port, bytesOf(generated)), (answer) => check(generated, before, answer))
      })
    )
  )
}

const document = openApiDocument("all", { title: "t", version: "1" })

const variables = { TBG_LOG_LEVEL: "DEBUG", TBG_TRUSTED_PROXIES: "127.0.0.1" }

/** Requests to documented operations, with most of the variation in bodies. */
const requestsTo = ({ paths }: OpenApi.OpenAPISpec): fc.Arbitrary<Generated> =>
  generatedFor(
    Object.entries(paths).flatMap(([path, operations]) =>
      Array.from({ length: operations?.post === undefined ? 1 : 5 }, () => path)
    )
  )

/** Requests that failed earlier. */
const regressions: ReadonlyArray<Generated> = [
  { method: "GET", target: "http://[/faulty/probe", headers: {} },
  { method: "HEAD", target: "/faulty/probe\u00ff", headers: {} },
  { method: "POST", target: "/faulty/reports", headers: {}, body: "{" },
  { method: "POST", target: "/v1/faulty/reports", headers: { Accept: "application/problem+json" }, body: "{}" }
]

/** The same requests in each run; a failure prints the shortest one and the seed. */
const holds = (document: OpenApi.OpenAPISpec, server: TestServer, requests = requestsTo(document)) =>
  Effect.promise(() =>
    fc.assert(property(document, server, requests), {
      numRuns: 300,
      seed: 1,
      examples: regressions.map((example) => [example])
    })
  )

/** Endpoints that fail deliberately. */
const deliberate = new Set(["defect", "plain", "database", "never", "misfit", "declared/{code}", "turns/{name}"])

describe("any request to any route gets a documented response and no 5xx", () => {
  it.live("for routes of the service", () =>
    Effect.gen(function* () {
      const server = yield* realServer({ variables })
      yield* holds(document, server)
    })
  )

  it.live("for team routes with a key of the team", () =>
    Effect.gen(function* () {
      const services = yield* Layer.build(memoryTeams)
      const { alpha } = yield* twoTeams(services)
      const id = yield* postOf(services, alpha.id)
      const server = yield* realServer({ variables, teams: Layer.succeedContext(services) })
      const posts = "/v1/teams/alpha/posts"
      const paths = [posts, posts, `${posts}/{id}`, `${posts}/${id}`, `${posts}/${id}/restore`]
      const authorized = ({ headers, ...rest }: Generated): Generated => ({
        ...rest,
        headers: { ...headers, Authorization: `Bearer ${alpha.token}` }
      })
      yield* holds(document, server, generatedFor(paths, post).map(authorized))
    })
  )

  it.live("for an API with bodies and parameters", () =>
    Effect.gen(function* () {
      const server = yield* faultyServer({ variables })
      const document = OpenApi.fromApi(FaultyApi)
      const paths = Object.entries(document.paths).filter(
        ([path]) => !deliberate.has(path.replace(/^(\/v1)?\/faulty\//, ""))
      )
      yield* holds({ ...document, paths: Object.fromEntries(paths) }, server)
    })
  )
})
