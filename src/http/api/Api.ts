import { HttpApi } from "effect/http-api"
import { Matched } from "./Matched.ts"
import { MetricsApi } from "./Metrics.ts"
import { HealthApi } from "./Health.ts"
import { IdentityApi } from "./Me.ts"
import { PostsApi } from "./Posts.ts"
import { PublicApi } from "./Public.ts"
import { V1ServiceApi } from "./V1.ts"

/** What is served however the service is configured. */
export class ServiceApi extends HttpApi.make("tbg")
  .add(HealthApi, PublicApi, IdentityApi, PostsApi, V1ServiceApi)
  .middleware(Matched) {}

/** Everything, in all three dialects (contract section 1). */
export class Api extends ServiceApi.addHttpApi(MetricsApi) {}
