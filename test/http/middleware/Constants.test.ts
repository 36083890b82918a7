import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Api } from "../../../src/http/api/Api.ts"
import { makeConstants } from "../../../src/http/middleware/Constants.ts"
import { routesOf } from "../../../src/http/middleware/Matched.ts"
import { testRoutes } from "../../support/TestRoutes.ts"

const body = { status: "fine" }
const constantOf = makeConstants(
  [
    { method: "GET", path: "/fine", constant: body },
    { method: "POST", path: "/posted", constant: body },
    { method: "GET", path: "/other" }
  ],
  (answer) => answer
)

describe("routes whose answer is always the same", () => {
  it("are answered by GET of just their path", () => assert.isDefined(constantOf({ method: "GET", target: "/fine" })))

  it.each([
    ["HEAD", "/fine"],
    ["GET", "/fine?a=b"],
    ["GET", "/fine/"],
    ["POST", "/fine"],
    ["POST", "/posted"],
    ["GET", "/posted"],
    ["GET", "/other"],
    ["GET", "*"]
  ])("leave %s %s to the router", (method, target) => assert.isUndefined(constantOf({ method, target })))

  const constants = routesOf(Api).filter(({ constant }) => constant !== undefined)
  it("are /health alone", () =>
    assert.deepStrictEqual(
      constants.map(({ path }) => path),
      ["/health"]
    ))

  it.effect.each(constants)("$path is answered as its handler does", ({ constant, path }) =>
    Effect.gen(function* () {
      const get = yield* testRoutes()
      const answers = yield* Effect.forEach([path, `${path}?`, `${path}?a=b`], (target) =>
        Effect.flatMap(get(target), (response) =>
          Effect.promise(async () => {
            const headers = Object.fromEntries(response.headers)
            delete headers["x-request-id"]
            return { status: response.status, headers, body: await response.text() }
          })
        )
      )
      for (const answer of answers) assert.deepStrictEqual(answer, answers[0])
      assert.strictEqual(answers[0]?.body, JSON.stringify(constant))
    })
  )
})
