import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../api/Api.ts"
import { CurrentIdentity } from "../api/BearerIdentity.ts"
import { lean } from "./Group.ts"

export const IdentityHandlers = lean(
  HttpApiBuilder.group(Api, "Identity", (group) => group.handleAll({ me: () => CurrentIdentity }))
)
