import { DateTime, Effect, Layer } from "effect"
import { TeamId, TeamNameTaken, TeamNotFound } from "../../../src/domain/Team.ts"
import type { Team } from "../../../src/domain/Team.ts"
import { Ids } from "../../../src/services/Ids.ts"
import { Teams } from "../../../src/services/Teams.ts"

/** Teams in this process, with the same rules as in Postgres. */
export const memoryTeams = Layer.effect(
  Teams,
  Effect.gen(function* () {
    const { next } = yield* Ids
    const teams = new Map<string, Team>()
    return {
      create: (name) =>
        Effect.gen(function* () {
          if (teams.has(name)) return yield* new TeamNameTaken({ name })
          const { at, id } = yield* next
          const team = { id: TeamId.make(id), name, createdAt: DateTime.makeUnsafe(at) }
          teams.set(name, team)
          return team
        }),
      list: Effect.sync(() => [...teams.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))),
      find: (name) =>
        Effect.suspend(() => Effect.fromNullishOr(teams.get(name))).pipe(
          Effect.mapError(() => new TeamNotFound({ name }))
        )
    }
  })
)
