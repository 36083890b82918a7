import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { CkpoolUser, PublicPoolClient } from "../../../domain/mining/ThirdParty.ts"
import { IsOpenToOrigins } from "../Common.ts"
import { address, itemErrors, MiningRead, readConditions } from "./Read.ts"

/** Statistics in the shapes of other pools, for device firmware and statistics pages. */
export class ThirdPartyApi extends HttpApiGroup.make("ThirdParty")
  .add(
    HttpApiEndpoint.get("ckpool", "/users/:address", {
      params: { address },
      headers: readConditions,
      success: MiningRead(CkpoolUser),
      error: itemErrors
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Get a miner as ckpool does",
        description: "The shape of ckpool's user statistics. Any origin may read it, without credentials."
      })
    ),
    HttpApiEndpoint.get("publicPool", "/api/client/:address", {
      params: { address },
      headers: readConditions,
      success: MiningRead(PublicPoolClient),
      error: itemErrors
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Get a miner as public-pool does",
        description: "The shape of public-pool's client statistics. Any origin may read it, without credentials."
      })
    )
  )
  .annotate(IsOpenToOrigins, true)
  .annotateMerge(OpenApi.annotations({ description: "Statistics of a miner in the shapes of other pools" })) {}
