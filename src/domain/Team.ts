import { Schema } from "effect"
import { TeamName, Uuid } from "./Text.ts"

export const TeamId = Uuid.pipe(Schema.brand("TeamId"))
export type TeamId = typeof TeamId.Type

/** A team, as its operators list it; its name is what stands in paths. */
export const Team = Schema.Struct({ id: TeamId, name: TeamName, createdAt: Schema.DateTimeUtc })
export type Team = typeof Team.Type

/** A living team has that name. */
export class TeamNameTaken extends Schema.TaggedError<TeamNameTaken>()("TeamNameTaken", { name: Schema.String }) {}

export class TeamNotFound extends Schema.TaggedError<TeamNotFound>()("TeamNotFound", { name: Schema.String }) {}
