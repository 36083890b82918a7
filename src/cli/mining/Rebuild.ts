import { Console, Effect, Layer, Schema } from "effect"
import * as Runtime from "effect/Runtime"
import { Command } from "effect/cli"
import { AppConfig } from "../../layers/AppConfig.ts"
import { HasAnswerLimit } from "../../layers/database/AnswerLimit.ts"
import { Rebuild as RebuildService } from "../../services/mining/Rebuild.ts"
import type { NothingToRebuild } from "../../services/mining/Rebuild.ts"
import type { Report } from "../../services/mining/rebuild/Report.ts"
import { withProgress } from "../Progress.ts"
import { json } from "../CommandParts.ts"
import { onTeams } from "../OnDatabase.ts"

class CannotRebuild extends Schema.TaggedError<CannotRebuild>()("CannotRebuild", { message: Schema.String }) {
  override readonly [Runtime.errorExitCode] = 1
}

const reasons: Readonly<Record<NothingToRebuild["reason"], string>> = {
  no_shares: "the table shares is empty; nothing was changed; check that TBG_DATABASE_URL names the right database",
  never_started: "the projection has not read any event; nothing was changed; run tbg mining project first"
}

/** Rebuilds all days. Between two days, it pauses for as long as the last day took, so that the leader catches up. */
const rebuildAll = Effect.gen(function* () {
  const { begin, next, report } = yield* RebuildService
  const { days, daysDone, id } = yield* Effect.catchTag(begin, "NothingToRebuild", ({ reason }) =>
    Effect.fail(new CannotRebuild({ message: reasons[reason] }))
  )
  if (daysDone > 0) yield* Console.error(`continuing after ${daysDone} of ${days} days`)
  yield* withProgress(days - daysDone, "days", (advance) =>
    Effect.gen(function* () {
      while (true) {
        const [took, isFinished] = yield* Effect.timed(next(id))
        yield* advance(1)
        if (isFinished) return
        yield* Effect.sleep(took)
      }
    })
  )
  return yield* report(id)
})

const linesOf = ({ changedDays, days, firstDay, shares, skipped, work }: Report): ReadonlyArray<string> => [
  `days rebuilt: ${days}, from ${firstDay}; earlier daily rows are kept`,
  `shares: ${shares.before} before, ${shares.after} after`,
  `work: ${work.before} before, ${work.after} after`,
  `rows of shares skipped: ${skipped}`,
  `days that changed: ${changedDays.length}`,
  ...changedDays.map(({ after, before, day }) => `  ${day}: ${before} shares before, ${after} after`)
]

const jsonOf = ({ changedDays, firstDay, ...report }: Report): string =>
  JSON.stringify({ first_day: firstDay, ...report, changed_days: changedDays })

const Services = Layer.unwrap(Effect.map(AppConfig, ({ mining }) => RebuildService.layer(mining)))

export const Rebuild = Command.make("rebuild", { json }, (flags) =>
  Effect.gen(function* () {
    const report = yield* Effect.catchTag(rebuildAll, "SqlError", Effect.die)
    yield* Console.log(flags.json ? jsonOf(report) : linesOf(report).join("\n"))
  }).pipe(Effect.provide(Services), Effect.provideService(HasAnswerLimit, false), onTeams)
).pipe(
  Command.withDescription(
    "Compute the projection's tables again from shares, day by day; continues an interrupted rebuild"
  )
)
