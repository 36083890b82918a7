import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { ThirdPartyReports } from "../../../services/mining/ThirdPartyReports.ts"
import { Api } from "../../api/Api.ts"
import { NotFound } from "../../Errors.ts"
import { decaying, miningReads } from "./Read.ts"

const notFound = () => Effect.fail(new NotFound())

export const ThirdPartyHandlers = HttpApiBuilder.group(
  Api,
  "ThirdParty",
  Effect.fnUntraced(function* (group) {
    const { ckpool, publicPool } = yield* ThirdPartyReports
    const { minerAt, respond } = yield* miningReads
    return group.handleAll({
      ckpool: Effect.fnUntraced(
        function* ({ params, request }) {
          const address = yield* minerAt(params.address)
          return yield* respond(request, decaying, ({ now }) => Effect.map(ckpool(address, now), (body) => ({ body })))
        },
        Effect.catchTag("MinerNotFound", notFound)
      ),
      publicPool: Effect.fnUntraced(
        function* ({ params, request }) {
          const address = yield* minerAt(params.address)
          return yield* respond(request, decaying, ({ now }) =>
            Effect.map(publicPool(address, now), (body) => ({ body }))
          )
        },
        Effect.catchTag("MinerNotFound", notFound)
      )
    })
  })
)
