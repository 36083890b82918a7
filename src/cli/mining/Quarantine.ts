import { Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { alignColumns } from "../../baseline/Columns.ts"
import { Quarantine as QuarantineService } from "../../services/mining/Quarantine.ts"
import { json } from "../CommandParts.ts"
import { onTeams } from "../OnDatabase.ts"

const maxEvents = 10_000

const limit = Flag.Int("limit").pipe(
  Flag.withDescription("Maximum number of events, 1 to 10,000"),
  Flag.filter(
    (count) => count >= 1 && count <= maxEvents,
    () => "a number from 1 to 10,000"
  ),
  Flag.withDefault(20)
)

export const Quarantine = Command.make("quarantine", { json, limit }, (flags) =>
  Effect.gen(function* () {
    const { list, totals } = yield* QuarantineService
    const events = yield* list(flags.limit)
    const byReason = yield* totals
    if (flags.json) return yield* Console.log(JSON.stringify({ totals: byReason, events }))
    if (byReason.length === 0) return yield* Console.log("no event was quarantined")
    const counts = byReason.map(({ events, reason }) => [reason, String(events)])
    const rows = events.map(({ at, content, entry, reason, stream }) => [at, reason, stream, entry, content])
    yield* Console.log([alignColumns(counts), "", alignColumns(rows)].join("\n"))
  }).pipe(Effect.catchTag("SqlError", Effect.die), Effect.provide(QuarantineService.layer), onTeams)
).pipe(Command.withDescription("List refused events and the reasons, newest first"))
