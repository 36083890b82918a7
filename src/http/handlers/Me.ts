import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../api/Api.ts"
import { CurrentIdentity } from "../api/BearerIdentity.ts"

export const IdentityHandlers = HttpApiBuilder.group(Api, "Identity", (group) =>
  group.handleAll({ me: () => CurrentIdentity })
)
