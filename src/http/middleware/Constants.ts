import { Effect } from "effect"
import { HttpServerResponse } from "effect/http"
import type { RouteMethod } from "./Allow.ts"
import { asRoute } from "./Matched.ts"
import type { RequestInfo } from "./RequestInfo.ts"

type Answer = Effect.Effect<HttpServerResponse.HttpServerResponse>

/**
 * The answers of routes whose body is always the same, to a GET of just their path: a router, an endpoint and its
 * context were a sixth of what GET /health cost (docs/performance.md). With a query, or by HEAD, they take the way of
 * all others, where their handler answers the same. `prepare` is done once to an answer, and not once a request.
 */
export const makeConstants = (
  routes: Iterable<RouteMethod>,
  prepare: (answer: Answer) => Answer
): ((info: Pick<RequestInfo, "method" | "target">) => Answer | undefined) => {
  const answers = new Map<string, Answer>()
  for (const { constant, isProbe, method, path } of routes) {
    if (method !== "GET" || constant === undefined) continue
    const answer = Effect.succeed(HttpServerResponse.jsonUnsafe(constant))
    answers.set(path, asRoute(path, isProbe)(prepare(answer)))
  }
  return ({ method, target }) => (method === "GET" ? answers.get(target) : undefined)
}
