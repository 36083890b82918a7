import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Api } from "../../src/http/api/Api.ts"
import { isProbe } from "../../src/http/api/Common.ts"
import { playerToken } from "../support/memory/Players.ts"
import { knownMiner } from "../support/mining/MemoryMining.ts"
import { bearer, short, teamRoutes } from "../support/TeamRoutes.ts"
import { jsonOf } from "../support/TestRoutes.ts"
import { answering, signingKey, testIssuer, tokenBy } from "../support/Tokens.ts"

const endpoints = Object.values(Api.groups).flatMap((group) =>
  Object.values(group.endpoints).map((endpoint) => ({
    method: String(endpoint.method),
    path: String(endpoint.path),
    isStrict: /^\/(?:api\/)?v1\//.test(endpoint.path) && !isProbe({ endpoint, group })
  }))
)
const lenient = [
  ...endpoints.filter(({ isStrict }) => !isStrict).map(({ path }) => path),
  "/openapi.json",
  "/v1/openapi.json",
  "/docs",
  "/v1/docs",
  "/errors/not-found"
]

/** The credential that an endpoint takes. */
const tokenOf = (path: string, identity: string, key: string): string => {
  if (/^\/api\/v1\/(auth|users|mining|dashboard|live)\//u.test(path)) return playerToken
  return path.startsWith("/api") ? identity : key
}

/** Query parameters without which a request is invalid. */
const requiredBy = (path: string): string => (/\/live(\/snapshot)?$/u.test(path) ? "topics=pool&" : "")

const fixture = Effect.gen(function* () {
  const key = yield* signingKey("ES256", "a")
  const routes = yield* teamRoutes({ issuer: testIssuer(answering(key)).tokens })
  const { id } = yield* routes.written()
  const send = (method: string, template: string, query: string) => {
    const path = template.replace(":team", "alpha").replace(":id", id).replace(":address", knownMiner)
    return Effect.flatMap(tokenBy(key), (token) =>
      routes.ask(`${path}?${query}`, {
        method,
        headers: {
          ...bearer(tokenOf(path, token, routes.alpha.token)),
          ...(method === "POST" ? { "content-type": "application/json" } : {})
        },
        ...(method === "POST" ? { body: JSON.stringify(short) } : {})
      })
    )
  }
  return { ...routes, send }
})

describe("an unknown query parameter", () => {
  it.effect.each(endpoints.filter(({ isStrict }) => isStrict))("is 422 on $method $path", ({ method, path }) =>
    Effect.gen(function* () {
      const { send } = yield* fixture
      const response = yield* send(method, path, `${requiredBy(path)}utm=1`)
      assert.strictEqual(response.status, 422)
      const body = Object(yield* jsonOf(response))
      assert.deepStrictEqual(body.errors ?? body.details.errors, [{ path: "utm", message: "Unknown parameter" }])
    })
  )

  it.effect.each(lenient)("is ignored on %s", (path) =>
    Effect.gen(function* () {
      const { send } = yield* fixture
      assert.oneOf((yield* send("GET", path, "utm=1")).status, [200, 304])
    })
  )

  it.effect("is listed with the other problems, and with the nearest known name", () =>
    Effect.gen(function* () {
      const { asAlpha } = yield* fixture
      const { details } = Object(yield* Effect.flatMap(asAlpha("?limt=5&offset=-1"), jsonOf))
      assert.sameDeepMembers(details.errors, [
        { path: "limt", message: "Unknown parameter; did you mean `limit`?" },
        { path: "offset", message: "Expected 0 to 10000; use `cursor` for later pages" }
      ])
    })
  )

  it.effect.each(["/v1/teams/alpha/posts", "/api/v1/me", "/api/v1/users/me", "/api/v1/mining/workers"])(
    "is checked after the credential on %s",
    (path) =>
      Effect.gen(function* () {
        const { ask } = yield* fixture
        assert.strictEqual((yield* ask(`${path}?utm=1`)).status, 401)
      })
  )
})

describe("an unknown field", () => {
  it.effect("is 422, with the nearest known name as a hint", () =>
    Effect.gen(function* () {
      const { write } = yield* fixture
      const { details } = Object(yield* Effect.flatMap(write({ ...short, contnet: "x" }), jsonOf))
      assert.deepInclude(details, { param: "contnet", hint: "Unknown field; did you mean `content`?" })
    })
  )
})
