import { Effect, Option, Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { Board } from "../../../domain/weeks/Board.ts"
import { Leaderboard, MinerStanding } from "../../../domain/weeks/Leaderboard.ts"
import { WeekHistory, WeekReport } from "../../../domain/weeks/Results.ts"
import { mondayOf, WeekId } from "../../../domain/weeks/Week.ts"
import { OptionalSession, optionalSession } from "../SignedIn.ts"
import { address, itemErrors, listQuery, MiningPage, MiningRead, readConditions } from "./Read.ts"

const expected = "a week of ISO 8601 such as 2026-W48"

/** Only some years have a week 53. */
const week = WeekId.check(
  Schema.makeFilter((id) => Option.isSome(mondayOf(id)), { expected, toJsonSchema: () => [{}, true] })
)

const currentWeek = Schema.Literal("current")

const boardQuery = {
  board: Board.pipe(
    Schema.annotateEncoded({
      description: "`difficulty`: best share; `work`: Σ assigned difficulty; `luck`: luck of accounts",
      default: "difficulty"
    }),
    Schema.withDecodingDefaultKey(Effect.succeed("difficulty" as const))
  )
}

export class WeeksApi extends HttpApiGroup.make("Weeks")
  .add(
    HttpApiEndpoint.get("board", "/leaderboard", {
      query: {
        ...boardQuery,
        week: Schema.Union([currentWeek, week]).pipe(
          Schema.annotateEncoded({ description: `\`current\` or ${expected}`, default: "current" }),
          Schema.withDecodingDefaultKey(Effect.succeed("current" as const))
        ),
        ...listQuery
      },
      headers: readConditions,
      success: MiningPage(Leaderboard),
      error: itemErrors
    }).annotateMerge(
      OpenApi.annotations({
        summary: "List a board of a week",
        description:
          "By value. Equal values share a rank. Paging never skips or repeats an entry whose value does not change. Name and address of hidden miners are null. 404 for a week without shares, except for the current one."
      })
    ),
    HttpApiEndpoint.get("standing", "/leaderboard/miners/:address", {
      params: { address },
      query: boardQuery,
      headers: readConditions,
      success: MiningRead(MinerStanding),
      error: itemErrors
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Get a miner on a board of the current week",
        description: "With its neighbors. 404 if the miner is not on the board, or is hidden."
      })
    ),
    HttpApiEndpoint.get("history", "/miners/:address/weeks", {
      params: { address },
      query: listQuery,
      headers: readConditions,
      success: MiningPage(WeekHistory),
      error: itemErrors
    }).annotateMerge(
      OpenApi.annotations({
        summary: "List the weeks of a miner",
        description: "Newest first. 404 if the address has not sent a share, or its miner is hidden."
      })
    ),
    HttpApiEndpoint.get("week", "/weeks/:week", {
      params: { week: week.annotate({ description: "ISO 8601 week, such as 2026-W48", examples: ["2026-W48"] }) },
      headers: readConditions,
      success: MiningRead(WeekReport),
      error: itemErrors
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Get a week",
        description: "Totals, winners, digest and amendments. 404 for a week without shares."
      })
    )
  )
  .middleware(OptionalSession)
  .annotateEndpointsMerge(optionalSession)
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ description: "The weekly game: boards, results and closed weeks" })) {}
