import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { LiveSnapshot } from "../../../services/live/LiveSnapshot.ts"
import { Api } from "../../api/Api.ts"
import { NotFound } from "../../Errors.ts"
import { liveStreams } from "./Stream.ts"
import { requestedTopics } from "./Topics.ts"

export const LiveHandlers = HttpApiBuilder.group(
  Api,
  "Live",
  Effect.fnUntraced(function* (group) {
    const { read } = yield* LiveSnapshot
    const topicsOf = yield* requestedTopics
    const openStream = yield* liveStreams

    return group.handleAll({
      snapshot: Effect.fnUntraced(
        function* ({ query }) {
          return yield* read(yield* topicsOf(query.topics))
        },
        Effect.catchTag("MinerNotFound", () => Effect.fail(new NotFound()))
      ),
      stream: ({ headers, query: { cursor, ticket, topics } }) =>
        openStream({ topics, cursor, ticket, lastEventId: headers["last-event-id"] })
    })
  })
)
