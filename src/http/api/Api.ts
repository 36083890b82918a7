import { HttpApi } from "effect/http-api"
import { Authorization, Identify, LimitByAddress, LimitByKey } from "./Authorization.ts"
import { Common } from "./Common.ts"
import { HealthApi } from "./Health.ts"
import { IdentityApi } from "./Me.ts"
import { MetricsApi } from "./Metrics.ts"
import { Payload } from "./Payload.ts"
import { PostsApi } from "./Posts.ts"
import { PublicApi } from "./Public.ts"
import { V1ServiceApi } from "./V1.ts"

const strict = { errors: "all", onExcessProperty: "error" } as const

/** Groups for holders of an API key. New groups belong here; the other APIs below are exceptions. */
class KeyApi extends HttpApi.make("tbg-keys")
  .add(PostsApi)
  // The last is the outermost: attempts to guess a key are limited too.
  .middleware(Payload)
  .middleware(Authorization)
  .middleware(LimitByKey)
  .middleware(Identify)
  .annotate(HttpApi.ParamsParseOptions, strict)
  .annotate(HttpApi.QueryParseOptions, strict)
  .annotate(HttpApi.PayloadParseOptions, strict) {}

/** Groups without an API key, limited by client address. */
class AddressApi extends HttpApi.make("tbg-addresses")
  .add(IdentityApi)
  .middleware(Payload)
  .middleware(LimitByAddress) {}

/** Groups without an API key and without a limit, unless an endpoint has its own. */
class UnlimitedApi extends HttpApi.make("tbg-unlimited").add(HealthApi, PublicApi, V1ServiceApi).middleware(Payload) {}

/** All endpoints but /metrics, which can be turned off. */
export class ServiceApi extends HttpApi.make("tbg")
  .addHttpApi(KeyApi)
  .addHttpApi(AddressApi)
  .addHttpApi(UnlimitedApi)
  .middleware(Common) {}

/** All endpoints, in all three dialects (contract section 1). */
export class Api extends ServiceApi.addHttpApi(MetricsApi) {}

/** Endpoints under /v1, for a document of their own. */
export class V1Api extends HttpApi.make("tbg-v1").addHttpApi(KeyApi).add(V1ServiceApi).middleware(Common) {}

/** Probes alone, with the id of the API that their handlers are built for. */
export class ProbesApi extends HttpApi.make("tbg").add(HealthApi).middleware(Payload).middleware(Common) {}
