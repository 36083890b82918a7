import { Effect, Layer, Redacted } from "effect"
import { validSecret } from "./ConfigFrom.ts"
import { freshDatabase, testClient } from "./TestDatabase.ts"
import { sqlTeams, twoTeams } from "./TestTeams.ts"

/** Settings of a service that uses a database with keys of `teamsIn`. */
export const teamVariables = (url: Redacted.Redacted) => ({
  TBG_ENVIRONMENT: "test",
  TBG_DATABASE_URL: Redacted.value(url),
  TBG_SECRET_KEY: validSecret,
  TBG_KEY_CACHE_SECONDS: "0",
  TBG_RATE_LIMIT_MODE: "off"
})

/** Creates two teams in a service's database, through the services. */
export const teamsIn = (url: Redacted.Redacted) =>
  Effect.flatMap(Layer.build(sqlTeams.pipe(Layer.provide(testClient(url)))), twoTeams)

/** A service over a separate database, with two teams. */
export const teamServer = Effect.fnUntraced(function* <Service, E, R>(
  serve: (variables: Record<string, string>) => Effect.Effect<Service, E, R>,
  variables: Record<string, string> = {}
) {
  const { url } = yield* freshDatabase
  const serveAgain = Effect.suspend(() => serve({ ...teamVariables(url), ...variables }))
  const service = yield* serveAgain
  return { ...(yield* teamsIn(url)), service, serveAgain, client: testClient(url) }
})
