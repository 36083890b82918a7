import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { OpenApi } from "effect/http-api"
import { default as fc } from "fast-check"
import { Problem } from "../../src/http/Errors.ts"
import { openApiDocument } from "../../src/http/OpenApiDocument.ts"
import { FaultyApi } from "../support/FaultyApi.ts"
import { makeDocumented } from "../support/DocumentedResponse.ts"
import { bytesOf, generatedFor, keepRegressions, regressions } from "../support/GeneratedRequest.ts"
import type { Generated } from "../support/GeneratedRequest.ts"
import { answerTo } from "../support/RawHttp.ts"
import type { RawAnswer } from "../support/RawHttp.ts"
import { faultyServer, realServer } from "../support/TestEdge.ts"
import type { TestServer } from "../support/TestEdge.ts"

const errors = Schema.optional(Schema.Array(Problem))
const strict = { onExcessProperty: "error" } as const
const detail = Schema.Struct({ detail: Schema.String, errors })
const envelope = Schema.Struct({ error: Schema.String, code: Schema.String, details: Schema.Struct({ errors }) })
const problem = Schema.Struct({
  type: Schema.Literal("about:blank"),
  title: Schema.String,
  status: Schema.Int,
  detail: Schema.String,
  instance: Schema.String,
  code: Schema.String,
  request_id: Schema.String,
  errors
})
const decodeError = Schema.decodeUnknownSync(Schema.Union([detail, envelope, problem]), strict)

/** Without a route there is nothing to document these in; the parser's are of no route either. */
const unmatched = new Set([204, 400, 404, 405, 417, 431])

const property = (document: OpenApi.OpenAPISpec, { lines, port }: TestServer) => {
  const operations: Record<string, Record<string, { readonly responses: object }>> = Object(document.paths)
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
    const isBodiless = status === 204 || generated.method === "HEAD"
    assert.strictEqual(body === "", isBodiless)
    const parsed: unknown = isBodiless ? undefined : JSON.parse(Buffer.from(body, "latin1").toString("utf8"))
    if (isBodiless) return
    if (status < 400) assert.deepStrictEqual(misfitsOf(route, generated.method, status, parsed), [])
    else assert.doesNotThrow(() => decodeError(parsed))
  }

  // Bodies are where most can go wrong.
  const paths = Object.entries(operations).flatMap(([path, { post }]) =>
    Array.from({ length: post === undefined ? 1 : 5 }, () => path)
  )
  return fc.asyncProperty(generatedFor(paths), (generated) =>
    Effect.runPromise(
      Effect.suspend(() => {
        const before = lines.length
        return Effect.map(answerTo(port, bytesOf(generated)), (answer) => check(generated, before, answer))
      })
    )
  )
}

const variables = { TBG_LOG_LEVEL: "DEBUG", TBG_TRUSTED_PROXIES: "127.0.0.1" }

/** A failure prints its seed, and the case is kept in `regressions.json`. */
const holds = (document: OpenApi.OpenAPISpec, server: TestServer) =>
  Effect.promise(async () => {
    const run = await fc.check(property(document, server), {
      numRuns: 3000,
      plugins: [fc.interruptAfterTimeLimit(6000)],
      examples: regressions.map((example) => [example])
    })
    if (!run.failed) return
    keepRegressions(run.counterexample ?? [])
    assert.fail(await fc.asyncDefaultReportMessage(run))
  })

/** Their failures are deliberate. */
const deliberate = new Set(["defect", "plain", "database", "never", "misfit", "declared/{code}", "turns/{name}"])

describe("any request to any route gets an answer that is documented, and no 5xx", () => {
  it.live(
    "of the service",
    () =>
      Effect.gen(function* () {
        const server = yield* realServer({ variables })
        yield* holds(openApiDocument("all", { title: "t", version: "1" }), server)
      }),
    20_000
  )

  it.live(
    "of an API with bodies and parameters",
    () =>
      Effect.gen(function* () {
        const server = yield* faultyServer({ variables })
        const document = OpenApi.fromApi(FaultyApi)
        const paths = Object.entries(document.paths).filter(
          ([path]) => !deliberate.has(path.replace(/^(\/v1)?\/faulty\//, ""))
        )
        yield* holds({ ...document, paths: Object.fromEntries(paths) }, server)
      }),
    20_000
  )
})
