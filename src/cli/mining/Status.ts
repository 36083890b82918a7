import { Console, Effect } from "effect"
import { Command } from "effect/cli"
import { MiningStatus } from "../../services/mining/MiningStatus.ts"
import type { MiningReport } from "../../services/mining/MiningStatus.ts"
import { json } from "../CommandParts.ts"
import { onTeams } from "../teams/OnTeams.ts"

const linesOf = (status: MiningReport): ReadonlyArray<string> => [
  `status: ${status.status}`,
  `leader: ${status.leader ? "yes" : "none"}`,
  `lag: ${status.lag_ms === null ? "unknown" : `${status.lag_ms} ms`}`,
  `last event: ${status.last_event_at ?? "none"}`,
  `duplicates: ${status.duplicates}`,
  `quarantined: ${status.quarantined}`,
  `refills: ${status.refills}`
]

export const Status = Command.make("status", { json }, (flags) =>
  Effect.gen(function* () {
    const { current } = yield* MiningStatus
    const status = yield* current
    yield* Console.log(flags.json ? JSON.stringify(status) : linesOf(status).join("\n"))
  }).pipe(Effect.provide(MiningStatus.layer), onTeams)
).pipe(Command.withDescription("Show whether mining events are projected, and how far behind"))
