import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { Identity } from "../../domain/Identity.ts"
import { Invalid } from "../Errors.ts"

export class IdentityApi extends HttpApiGroup.make("Identity")
  .add(
    HttpApiEndpoint.get("me", "/api/v1/me", { success: Identity, error: Invalid }).annotateMerge(
      OpenApi.annotations({ summary: "Get the current user", description: "The token's subject, issuer and claims." })
    )
  )
  .annotateMerge(OpenApi.annotations({ description: "The user of a token" })) {}
