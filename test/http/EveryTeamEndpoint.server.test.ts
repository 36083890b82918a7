import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import type { SqlClient } from "effect/sql"
import { migratedDatabase } from "../support/MigratedServices.ts"
import { disableRowSecurity, removeTeamFilters } from "../support/WithoutIsolation.ts"
import { credentialsOf } from "../support/Credentials.ts"
import {
  requestForeign,
  bodyOf,
  expectFailure,
  foreignRequests,
  inTeam,
  teamEndpoints,
  teamFixture,
  teamRequests
} from "../support/TeamEndpoints.ts"
import type { TeamEndpoint } from "../support/TeamEndpoints.ts"
import { testClient } from "../support/TestDatabase.ts"
import { sqlTeams, teamsOver } from "../support/TestTeams.ts"

type Fixture = Effect.Success<ReturnType<typeof teamFixture>>

/** The real routes over Postgres, after a change of the database. */
class Served extends Context.Service<Served, Fixture>()("tbg-api/test/http/EveryTeamEndpoint/Served") {
  static readonly after = (change: Effect.Effect<void, unknown, SqlClient.SqlClient>) =>
    Layer.effect(
      Served,
      Effect.gen(function* () {
        const client = testClient((yield* migratedDatabase).url)
        yield* Effect.provide(change, client)
        return yield* teamFixture({ teams: yield* teamsOver(sqlTeams.pipe(Layer.provide(client))) })
      })
    )
}

const live = { excludeTestServices: true }
const lists = teamEndpoints.filter(({ hasId, method }) => method === "GET" && !hasId)

/** Records that a team can list, and the ids of a new record of its own and of another team. */
const listed = Effect.fnUntraced(function* (endpoint: TeamEndpoint) {
  const { alpha, askAs, beta, newRecord } = yield* Served
  const own = yield* newRecord(alpha, endpoint.path)
  const foreign = yield* newRecord(beta, endpoint.path)
  const response = yield* askAs(alpha, endpoint, inTeam(endpoint.path, alpha.name), {})
  return { own, foreign, text: yield* Effect.promise(() => response.text()) }
})

layer(Served.after(Effect.void), live)("every team endpoint over Postgres", (it) => {
  it.effect.each(teamRequests)("answers only keys of its team: $name", (endpoint) =>
    Effect.gen(function* () {
      const served = yield* Served
      const { alpha, askAs, pathOf, succeeds } = served
      const path = yield* pathOf(alpha, endpoint)
      const credentials = Object.values(yield* credentialsOf(served))
      for (const { authorization, team: ofKey } of credentials) {
        const init = bodyOf(endpoint)
        const headers = { ...Object(init.headers), ...(authorization === undefined ? {} : { authorization }) }
        for (const team of ["alpha", "beta", "gamma"].filter((team) => team !== ofKey)) {
          const response = yield* askAs(undefined, endpoint, inTeam(path, team), { ...init, headers })
          yield* expectFailure(endpoint, response, ofKey === undefined ? "UNAUTHORIZED" : "FORBIDDEN")
        }
      }
      yield* succeeds(alpha, endpoint, path)
    })
  )
})

layer(Served.after(removeTeamFilters), live)("every team endpoint whose queries do not filter by team", (it) => {
  it.effect.each(foreignRequests)("is 404 for another team's record, which stays unchanged: $name", (request) =>
    Effect.gen(function* () {
      const served = yield* Served
      const { path, response } = yield* requestForeign(served, request)
      yield* expectFailure(request.endpoint, response, "NOT_FOUND")
      yield* served.succeeds(served.beta, request.endpoint, path)
    })
  )

  it.effect.each(lists)("lists the team's own records only: $name", (endpoint) =>
    Effect.gen(function* () {
      const { foreign, own, text } = yield* listed(endpoint)
      assert.include(text, own)
      assert.notInclude(text, foreign)
    })
  )
})

layer(Served.after(Effect.andThen(removeTeamFilters, disableRowSecurity)), live)(
  "every team endpoint without that filter and without row-level security",
  (it) => {
    it.effect.each(foreignRequests.filter(({ field }) => field === undefined))(
      "would return another team's record: $name",
      (request) =>
        Effect.gen(function* () {
          const { response } = yield* requestForeign(yield* Served, request)
          assert.isBelow(response.status, 300)
        })
    )

    it.effect.each(lists)("would list another team's record: $name", (endpoint) =>
      Effect.gen(function* () {
        const { foreign, text } = yield* listed(endpoint)
        assert.include(text, foreign)
      })
    )
  }
)
