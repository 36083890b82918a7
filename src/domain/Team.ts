import { Schema } from "effect"
import { TeamName, Uuid } from "./Text.ts"

export const TeamId = Uuid.pipe(Schema.brand("TeamId"))
export type TeamId = typeof TeamId.Type

export const Team = Schema.Struct({ id: TeamId, name: TeamName, createdAt: Schema.DateTimeUtc })
export type Team = typeof Team.Type

export class TeamNameTaken extends Schema.TaggedError<TeamNameTaken>()("TeamNameTaken", { name: Schema.String }) {}

export class TeamNotFound extends Schema.TaggedError<TeamNotFound>()("TeamNotFound", { name: Schema.String }) {}
