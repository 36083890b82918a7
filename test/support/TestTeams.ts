import { Context, Effect, Layer, Redacted } from "effect"
import type { Caller } from "../../src/domain/ApiKey.ts"
import { ApiKeys } from "../../src/services/ApiKeys.ts"
import type { NewKey } from "../../src/services/ApiKeys.ts"
import { Cursors } from "../../src/services/Cursors.ts"
import { Idempotency } from "../../src/services/Idempotency.ts"
import { Ids } from "../../src/services/Ids.ts"
import { Posts } from "../../src/services/Posts.ts"
import { Secrets } from "../../src/services/Secrets.ts"
import { Teams } from "../../src/services/Teams.ts"
import { validSecret } from "./ConfigFrom.ts"
import { inMemory } from "./memory/Services.ts"

/** Services that routes under `/v1/teams` need. */
export type TeamServices = ApiKeys | Cursors | Idempotency | Posts | Teams

/** No cache, so that a revocation takes effect at once. */
const noCache = { cacheSeconds: 0 }

const bases = Layer.merge(Ids.layer, Secrets.layer({ current: Redacted.make(validSecret), previous: undefined }))

/** The in-process services of teams. */
export const memoryTeams: Layer.Layer<TeamServices> = Layer.merge(inMemory(noCache), Cursors.layer).pipe(
  Layer.provide(bases)
)

/** The Postgres services of teams. */
export const sqlTeams = Layer.mergeAll(
  Teams.layer,
  ApiKeys.layer(noCache),
  Posts.layer,
  Idempotency.layer,
  Cursors.layer
).pipe(Layer.provide(bases))

const unnamed: NewKey = { label: null, expiresAt: null }

/** Two teams, `alpha` and `beta`, with a key each, and a function that creates more keys. */
export const twoTeams = Effect.fnUntraced(function* (services: Context.Context<TeamServices>) {
  const keys = Context.get(services, ApiKeys)
  const teams = Context.get(services, Teams)
  const newKey = (team: Caller["team"], key: Partial<NewKey> = {}) =>
    Effect.map(keys.create(team, { ...unnamed, ...key }), ({ key: { id }, token }) => ({
      keyId: id,
      token: Redacted.value(token)
    }))
  const newTeam = Effect.fnUntraced(function* (name: string) {
    const team = yield* teams.create(name)
    return { ...team, ...(yield* newKey(team)) }
  })
  return { alpha: yield* newTeam("alpha"), beta: yield* newTeam("beta"), newKey, revoke: keys.revoke, services }
})
export type TwoTeams = Effect.Success<ReturnType<typeof twoTeams>>

/** The id of a new post of a team. */
export const postOf = (services: Context.Context<TeamServices>, team: Caller["team"]["id"]) =>
  Effect.map(
    Context.get(services, Posts).create(team, { author_name: "Bob", content: "Hi", tags: null, parent_post_id: null }),
    ({ id }) => id
  )

/** Builds services once to share them. */
export const teamsOver = <E>(services: Layer.Layer<TeamServices, E>) =>
  Effect.map(Layer.build(services), Layer.succeedContext)
