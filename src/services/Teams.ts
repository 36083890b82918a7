import { Context, DateTime, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import { Team, TeamId, TeamNameTaken, TeamNotFound } from "../domain/Team.ts"
import { Ids } from "./Ids.ts"

const columns = `id, name, created_at AS "createdAt"`
const Row = Schema.Struct({ ...Team.fields, createdAt: Schema.DateTimeUtcFromDate })
const decodeRows = Schema.decodeUnknownEffect(Schema.Array(Row))

const isNameTaken = ({ reason }: SqlError): boolean =>
  reason._tag === "UniqueViolation" && reason.constraint === "teams_name_key"

export class Teams extends Context.Service<
  Teams,
  {
    readonly create: (name: Team["name"]) => Effect.Effect<Team, TeamNameTaken>
    /** Sorted by name. */
    readonly list: Effect.Effect<ReadonlyArray<Team>>
    readonly find: (name: string) => Effect.Effect<Team, TeamNotFound>
  }
>()("tbg-api/services/Teams") {
  static readonly layer = Layer.effect(
    Teams,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const { next } = yield* Ids
      const teams = (rows: Effect.Effect<ReadonlyArray<unknown>, SqlError>) =>
        Effect.orDie(Effect.flatMap(rows, decodeRows))
      const create = Effect.fn("Teams.create")(function* (name: string) {
        const { at, id } = yield* next
        yield* sql`INSERT INTO tbg_api.teams VALUES (${id}, ${name}, ${at}, ${at})`.pipe(
          Effect.catchIf(isNameTaken, () => Effect.fail(new TeamNameTaken({ name }))),
          Effect.catchTag("SqlError", Effect.die)
        )
        return { id: TeamId.make(id), name, createdAt: DateTime.makeUnsafe(at) }
      })
      const find = Effect.fn("Teams.find")(function* (name: string) {
        const [team] = yield* teams(
          sql`SELECT ${sql.literal(columns)} FROM tbg_api.teams WHERE name = ${name} AND deleted_at IS NULL`
        )
        return team ?? (yield* new TeamNotFound({ name }))
      })
      const list = teams(sql`SELECT ${sql.literal(columns)} FROM tbg_api.teams WHERE deleted_at IS NULL ORDER BY name`)
      return { create, find, list: Effect.withSpan(list, "Teams.list") }
    })
  )
}
