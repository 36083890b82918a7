import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { Identity } from "../../domain/Identity.ts"
import { BearerIdentity } from "./BearerIdentity.ts"

export class IdentityApi extends HttpApiGroup.make("Identity")
  .add(
    HttpApiEndpoint.get("me", "/api/v1/me", { success: Identity.annotate({ identifier: "Identity" }) })
      .annotateMerge(
        OpenApi.annotations({
          summary: "The caller",
          description: "Subject, provider and claims of the token."
        })
      )
      .middleware(BearerIdentity)
  )
  .annotateMerge(OpenApi.annotations({ description: "The user behind a token" })) {}
