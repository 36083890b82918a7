import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../api/Api.ts"
import { BearerIdentity, CurrentIdentity } from "../api/BearerIdentity.ts"
import { Limited } from "../api/Limited.ts"
import { Matched } from "../api/Matched.ts"
import { lean } from "./Group.ts"

export const IdentityHandlers = lean(
  HttpApiBuilder.group(Api, "Identity", (group) => group.handleAll({ me: () => CurrentIdentity })),
  BearerIdentity,
  Limited,
  Matched
)
