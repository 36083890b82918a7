import { Effect, Layer } from "effect"
import { testRoutes } from "./TestRoutes.ts"
import type { TestRoutesOptions } from "./TestRoutes.ts"
import { memoryTeams, twoTeams } from "./TestTeams.ts"

/** Credentials of a request. */
export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

/** A JSON body. */
export const jsonBody = (body: unknown): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body)
})

/** A minimal post. */
export const short = { author_name: "Ada", content: "Hello" }

/** The real routes with two teams; sends requests as `alpha`. */
export const teamRoutes = Effect.fnUntraced(function* (options: TestRoutesOptions = {}) {
  const services = yield* Layer.build(options.teams ?? memoryTeams)
  const made = yield* twoTeams(services)
  const ask = yield* testRoutes({
    ...options,
    variables: { TBG_RATE_LIMIT_MODE: "off", ...options.variables },
    teams: Layer.succeedContext(services)
  })
  const asAlpha = (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers)
    headers.set("authorization", `Bearer ${made.alpha.token}`)
    return ask(`/v1/teams/alpha/posts${path}`, { ...init, headers })
  }
  const write = (body: unknown = short, headers: Readonly<Record<string, string>> = {}) => {
    const init = jsonBody(body)
    return asAlpha("", { ...init, headers: { "content-type": "application/json", ...headers } })
  }
  /** Creates a post, and returns it from the response. */
  const written = (body: Readonly<Record<string, unknown>> = short) =>
    Effect.flatMap(write(body), (response) => Effect.promise(() => response.json())).pipe(
      Effect.map((answer: unknown) => Object(answer).post)
    )
  return { ...made, ask, asAlpha, write, written }
})
