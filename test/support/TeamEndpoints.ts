import { assert } from "@effect/vitest"
import { Effect, SchemaAST } from "effect"
import type { Schema } from "effect"
import { HttpApiSchema } from "effect/http-api"
import { Api } from "../../src/http/api/Api.ts"
import { errorPagePath, failures } from "../../src/http/ErrorCodes.ts"
import type { Code } from "../../src/http/ErrorCodes.ts"
import { bearer, jsonBody, teamRoutes } from "./TeamRoutes.ts"
import { jsonOf } from "./TestRoutes.ts"
import type { TestRoutesOptions } from "./TestRoutes.ts"

const fieldsOf = (schema: Schema.Top | undefined): ReadonlyArray<string> => {
  const ast = schema === undefined ? undefined : SchemaAST.toEncoded(schema.ast)
  return ast !== undefined && SchemaAST.isObjects(ast) ? ast.propertySignatures.map(({ name }) => String(name)) : []
}

const exampleOf = (schema: Schema.Top): object => {
  const [example] = SchemaAST.resolveAt<ReadonlyArray<unknown>>("examples")(schema.ast) ?? []
  return Object(example)
}

/** Endpoints with a team in their path, as the contract declares them. */
export const teamEndpoints = Object.values(Api.groups)
  .flatMap((group) => Object.values(group.endpoints))
  .filter(({ path }) => path.includes("/:team"))
  .map(({ headers, method, params, path, payload, query, success }) => {
    const [schema] = [...payload.values()].flatMap(({ schemas }) => schemas)
    return {
      name: `${method} ${path}`,
      method: String(method),
      path: String(path),
      hasId: fieldsOf(params).some((name) => name !== "team"),
      query: fieldsOf(query),
      // Any text is a valid condition; one that is not an entity tag matches nothing.
      headers: fieldsOf(headers).filter((name) => !name.startsWith("if-")),
      fields: fieldsOf(schema),
      example: schema === undefined ? undefined : exampleOf(schema),
      hasEtag: [...success].some(
        (response) => HttpApiSchema.isWithHeaders(response) && fieldsOf(response.headers).includes("etag")
      )
    }
  })
export type TeamEndpoint = (typeof teamEndpoints)[number]

/** The endpoints, and HEAD for each GET. */
export const teamRequests = teamEndpoints.flatMap((endpoint) =>
  endpoint.method === "GET"
    ? [endpoint, { ...endpoint, method: "HEAD", name: endpoint.name.replace("GET", "HEAD") }]
    : [endpoint]
)

/** The endpoint's example body, with some fields replaced. */
export const bodyOf = ({ example }: TeamEndpoint, changed: object = {}): RequestInit =>
  example === undefined ? {} : jsonBody({ ...example, ...changed })

/** A path, a query and a body that all fail to decode. */
export const undecodable = ({
  example,
  path,
  query
}: TeamEndpoint): { readonly path: string; readonly init: RequestInit } => ({
  path: `${path.replaceAll(/:(?!team\b)\w+/g, "x")}?${query.map((name) => `${name}=%00`).join("&")}`,
  init: example === undefined ? {} : { ...jsonBody({}), body: "{" }
})

type Routes = Effect.Success<ReturnType<typeof teamRoutes>>
type Team = Routes["alpha"]

export const inTeam = (path: string, team: string): string => path.replace(":team", team)

/** Sends requests of the endpoints as one of two teams, and creates the records that they name. */
const teamCaller = ({ ask }: Pick<Routes, "ask">) => {
  const askAs = (team: Pick<Team, "token"> | undefined, { method }: TeamEndpoint, path: string, init: RequestInit) => {
    const headers = { ...Object(init.headers), ...(team === undefined ? {} : bearer(team.token)) }
    return ask(path, { ...init, method, headers })
  }

  /** The id of a new record of a collection, from the `Location` of its creation. */
  const newRecord = Effect.fnUntraced(function* (team: Team, collection: string) {
    const endpoint = teamEndpoints.find(({ method, path }) => method === "POST" && path === collection)
    if (endpoint === undefined) return assert.fail(`no endpoint creates records of ${collection}`)
    const response = yield* askAs(team, endpoint, inTeam(collection, team.name), bodyOf(endpoint))
    assert.strictEqual(response.status, 201)
    return response.headers.get("location")?.split("/").at(-1) ?? ""
  })

  /** The path of an endpoint, which names new records of a team; the team itself stays `:team`. */
  const pathOf = Effect.fnUntraced(function* (team: Team, { path }: TeamEndpoint) {
    let filled = ""
    for (const segment of path.split("/").slice(1)) {
      const isId = segment.startsWith(":") && segment !== ":team"
      filled = `${filled}/${isId ? yield* newRecord(team, filled) : segment}`
    }
    return filled
  })

  /** A request that the endpoint answers for the team. */
  const succeeds = Effect.fnUntraced(function* (team: Team, endpoint: TeamEndpoint, path: string) {
    const { status } = yield* askAs(team, endpoint, inTeam(path, team.name), bodyOf(endpoint))
    assert.include([200, 201, 204], status)
  })
  return { askAs, newRecord, pathOf, succeeds }
}

/** The real routes with two teams, and ways to ask as one of them. */
export const teamFixture = Effect.fnUntraced(function* (options: TestRoutesOptions = {}) {
  const routes = yield* teamRoutes(options)
  return { ...routes, ...teamCaller(routes) }
})
type Fixture = Effect.Success<ReturnType<typeof teamFixture>>

/** Checks status and envelope of a failure under `/v1`; HEAD has no body. */
export const expectFailure = Effect.fnUntraced(function* (
  { method }: TeamEndpoint,
  response: Response,
  code: Code,
  details: object = {}
) {
  const failure = failures[code]
  const common = { request_id: response.headers.get("x-request-id"), doc_url: errorPagePath(code) }
  const text = yield* Effect.promise(() => response.text())
  assert.strictEqual(response.status, failure.status, text)
  const error = "title" in failure ? failure.title : failure.detail
  if (method === "HEAD") return assert.strictEqual(text, "")
  const body = Object(JSON.parse(text))
  assert.deepInclude(body, { error, code })
  assert.deepInclude(body.details, { ...common, ...details })
})

/** Paths of the problems of a 422. */
export const problemPathsOf = Effect.fnUntraced(function* (endpoint: TeamEndpoint, response: Response) {
  const body = Object(yield* jsonOf(response.clone()))
  yield* expectFailure(endpoint, response, "VALIDATION_ERROR", body.details)
  assert.isNotEmpty(body.details.errors)
  return body.details.errors.map((problem: { readonly path: string; readonly message: string }) => {
    assert.hasAllKeys(problem, ["path", "message"])
    assert.isNotEmpty(problem.message)
    return problem.path
  })
})

/** Requests that name another team's record: in the path, or in a field of the body. */
export const foreignRequests = teamRequests.flatMap((endpoint) => [
  ...(endpoint.hasId ? [{ name: `${endpoint.name} in the path`, endpoint, field: undefined }] : []),
  ...endpoint.fields
    .filter((field) => field.endsWith("_id"))
    .map((field) => ({ name: `${endpoint.name} in ${field}`, endpoint, field }))
])

/** Sends such a request as one team about a new record of another. */
export const requestForeign = Effect.fnUntraced(function* (
  { alpha, askAs, beta, newRecord, pathOf }: Fixture,
  { endpoint, field }: (typeof foreignRequests)[number]
) {
  const path = yield* pathOf(beta, endpoint)
  const changed = field === undefined ? {} : { [field]: yield* newRecord(beta, endpoint.path) }
  const response = yield* askAs(alpha, endpoint, inTeam(path, alpha.name), bodyOf(endpoint, changed))
  return { response, path }
})
