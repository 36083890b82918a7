import { Clock, Effect, Schema } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { idOf, mondayOf, weekOf } from "../../../domain/weeks/Week.ts"
import { Boards, Place } from "../../../services/weeks/Boards.ts"
import { Weeks } from "../../../services/weeks/Weeks.ts"
import { Api } from "../../api/Api.ts"
import { NotFound } from "../../Errors.ts"
import { decaying, miningReads } from "./Read.ts"
import type { Request } from "./Read.ts"

const notFound = () => Effect.fail(new NotFound())

const HistoryPlace = Schema.Struct({ week: Schema.String })

/** Monday of `current` or of a named week; the API refuses names of weeks that do not exist. */
const mondayIn = (week: string) =>
  week === "current" ? Effect.map(Clock.currentTimeMillis, weekOf) : Effect.orDie(Effect.fromOption(mondayOf(week)))

export const WeeksHandlers = HttpApiBuilder.group(
  Api,
  "Weeks",
  Effect.fnUntraced(function* (group) {
    const boards = yield* Boards
    const weeks = yield* Weeks
    const { minerAt, pagesOf, respond, sealedPagesOf } = yield* miningReads
    const boardPages = sealedPagesOf("leaderboard", Place)
    const historyPages = pagesOf("weeks", HistoryPlace)

    /** Boards also change without a new position of the projection: when the fold follows, and at 00:00 UTC. */
    const scoped = ({ headers, url }: Request) =>
      Effect.map(boards.version, (version): Request => ({ headers, url, scope: version }))

    return group.handleAll({
      board: Effect.fnUntraced(
        function* ({ query: { board, cursor, limit, week }, request }) {
          const monday = yield* mondayIn(week)
          const id = idOf(monday)
          const scope = JSON.stringify([board, id])
          const after = yield* boardPages.after(scope, cursor)
          return yield* respond(
            yield* scoped(request),
            decaying,
            Effect.fnUntraced(function* ({ freshness }) {
              const { next, ...page } = yield* boards.page(board, monday, { after, limit })
              const query = { board, week: id, limit: String(limit) }
              const { cursor, link } = boardPages.next(scope, "/api/v1/leaderboard", query, next)
              return { body: { ...page, next_cursor: cursor, ...freshness }, link }
            })
          )
        },
        Effect.catchTag("WeekUnknown", notFound)
      ),
      standing: Effect.fnUntraced(
        function* ({ params, query: { board }, request }) {
          const address = yield* minerAt(params.address)
          return yield* respond(yield* scoped(request), decaying, ({ freshness }) =>
            Effect.map(boards.around(board, address), (standing) => ({ body: { ...standing, ...freshness } }))
          )
        },
        Effect.catchTag("NotOnBoard", notFound)
      ),
      history: Effect.fnUntraced(
        function* ({ params, query: { cursor, limit }, request }) {
          const address = yield* minerAt(params.address)
          const before = (yield* historyPages.after(address, cursor))?.week
          return yield* respond(
            yield* scoped(request),
            decaying,
            Effect.fnUntraced(function* ({ freshness }) {
              const { next, weeks: found } = yield* weeks.history(address, { before, limit })
              const path = `/api/v1/miners/${address}/weeks`
              const place = next === undefined ? undefined : { week: next }
              const { cursor, link } = historyPages.next(address, path, { limit: String(limit) }, place)
              return { body: { weeks: found, next_cursor: cursor, ...freshness }, link }
            })
          )
        },
        Effect.catchTag("MinerNotFound", notFound)
      ),
      week: Effect.fnUntraced(
        function* ({ params, request }) {
          const monday = yield* mondayIn(params.week)
          return yield* respond(yield* scoped(request), decaying, ({ freshness }) =>
            Effect.map(weeks.report(monday), (report) => ({ body: { ...report, ...freshness } }))
          )
        },
        Effect.catchTag("WeekUnknown", notFound)
      )
    })
  })
)
