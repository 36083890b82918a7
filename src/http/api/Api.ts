import { HttpApi } from "effect/http-api"
import { Matched } from "./Matched.ts"
import { HealthApi } from "./Health.ts"
import { IdentityApi } from "./Me.ts"
import { PublicApi } from "./Public.ts"
import { V1ServiceApi } from "./V1.ts"

/** Everything that is served, in all three dialects (contract section 1). */
export class Api extends HttpApi.make("tbg").add(HealthApi, PublicApi, IdentityApi, V1ServiceApi).middleware(Matched) {}
