import { Layer } from "effect"
import { LiveSnapshot } from "./LiveSnapshot.ts"
import { LiveSummaries } from "./LiveSummaries.ts"

/** Services that compute the states of live topics, over `SqlClient` and the services of mining reads. */
export const liveServices = Layer.merge(LiveSnapshot.layer, LiveSummaries.layer)
