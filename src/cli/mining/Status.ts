import { Console, Effect } from "effect"
import { Command } from "effect/cli"
import { MiningStatus } from "../../services/mining/MiningStatus.ts"
import type { CurrentStatus } from "../../services/mining/MiningStatus.ts"
import { json } from "../CommandParts.ts"
import { onTeams } from "../OnDatabase.ts"

const linesOf = (status: CurrentStatus): ReadonlyArray<string> => [
  `status: ${status.status}`,
  `leader: ${status.is_led ? "yes" : "none"}`,
  `lag: ${status.lag_ms === null ? "unknown" : `${status.lag_ms} ms`}`,
  `last event: ${status.last_event_at ?? "none"}`,
  `duplicates: ${status.duplicates}`,
  `quarantined: ${status.quarantined}`,
  `refills: ${status.refills}`
]

/** The fields of `/health/mining`, but `leader` is whether any process leads, because this one never does. */
const jsonOf = ({ duplicates, is_led, lag_ms, last_event_at, quarantined, refills, status }: CurrentStatus): string =>
  JSON.stringify({ status, leader: is_led, lag_ms, last_event_at, duplicates, quarantined, refills })

export const Status = Command.make("status", { json }, (flags) =>
  Effect.gen(function* () {
    const { current } = yield* MiningStatus
    const status = yield* Effect.orDie(current)
    yield* Console.log(flags.json ? jsonOf(status) : linesOf(status).join("\n"))
  }).pipe(Effect.provide(MiningStatus.layer(Effect.succeed(false))), onTeams)
).pipe(Command.withDescription("Show the leader, lag and counters of the mining projection"))
