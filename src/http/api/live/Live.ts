import { HttpApiGroup, OpenApi } from "effect/http-api"
import { OptionalSession, optionalSession } from "../SignedIn.ts"
import { snapshot } from "./Snapshot.ts"
import { stream } from "./Stream.ts"

/** Live updates (contract-game section 5). */
export class LiveApi extends HttpApiGroup.make("Live")
  .add(snapshot, stream)
  .middleware(OptionalSession)
  .annotateEndpointsMerge(optionalSession)
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ description: "Live updates of mining data" })) {}
