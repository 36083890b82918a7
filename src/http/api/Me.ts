import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { Identity } from "../../domain/Identity.ts"
import { BearerIdentity } from "./BearerIdentity.ts"
import { Limited, LimitedBy } from "./Limited.ts"

export class IdentityApi extends HttpApiGroup.make("Identity")
  .add(
    HttpApiEndpoint.get("me", "/api/v1/me", { success: Identity.annotate({ identifier: "Identity" }) })
      .annotateMerge(
        OpenApi.annotations({
          summary: "The caller",
          description: "Whom the token speaks for, which provider issued it, and all that it says."
        })
      )
      .middleware(BearerIdentity)
      // The outer one, so that tokens cannot be tried out without end.
      .middleware(Limited)
  )
  .annotate(LimitedBy, "ip")
  .annotateMerge(OpenApi.annotations({ description: "The user behind a token" })) {}
