import { HttpApi } from "effect/http-api"
import { Authorization, Identify, LimitByAddress, LimitByKey } from "./Authorization.ts"
import { BearerIdentity } from "./BearerIdentity.ts"
import { AuthApi, SessionsApi } from "./Auth.ts"
import { Common } from "./Common.ts"
import { DashboardApi } from "./Dashboard.ts"
import { HealthApi } from "./Health.ts"
import { LiveApi } from "./live/Live.ts"
import { LiveTicketsApi } from "./live/Tickets.ts"
import { IdentityApi } from "./Me.ts"
import { MetricsApi } from "./Metrics.ts"
import { MinersApi } from "./mining/Miners.ts"
import { PoolApi } from "./mining/Pool.ts"
import { ThirdPartyApi } from "./mining/ThirdParty.ts"
import { WeeksApi } from "./mining/Weeks.ts"
import { Payload } from "./Payload.ts"
import { PostsApi } from "./Posts.ts"
import { PublicApi } from "./Public.ts"
import { SignedIn } from "./SignedIn.ts"
import { UsersApi } from "./Users.ts"
import { V1ServiceApi } from "./V1.ts"

const strict = { errors: "all", onExcessProperty: "error" } as const

/** Groups that require an API key. New groups belong here; the APIs below are exceptions. */
class KeyApi extends HttpApi.make("tbg-keys")
  .add(PostsApi)
  // Middleware that is added later runs earlier, so that guesses of keys are limited too.
  .middleware(Payload)
  .middleware(Authorization)
  .middleware(LimitByKey)
  .middleware(Identify)
  .annotate(HttpApi.ParamsParseOptions, strict)
  .annotate(HttpApi.QueryParseOptions, strict)
  .annotate(HttpApi.PayloadParseOptions, strict) {}

/** Groups without an API key, limited by client address. */
class AddressApi extends HttpApi.make("tbg-addresses")
  .add(PoolApi, MinersApi, ThirdPartyApi, WeeksApi, LiveApi)
  .middleware(Payload)
  .middleware(LimitByAddress)
  .annotate(HttpApi.ParamsParseOptions, strict)
  .annotate(HttpApi.QueryParseOptions, strict) {}

/** Groups for users of the configured identity provider, limited by client address. */
class IdentityProviderApi extends HttpApi.make("tbg-identities")
  .add(IdentityApi)
  .middleware(Payload)
  .middleware(BearerIdentity)
  .middleware(LimitByAddress) {}

/** Groups for players who are signed in, limited by session. */
class SessionApi extends HttpApi.make("tbg-sessions")
  .add(SessionsApi, UsersApi, DashboardApi, LiveTicketsApi)
  .middleware(Payload)
  .middleware(SignedIn)
  .annotate(HttpApi.ParamsParseOptions, strict)
  .annotate(HttpApi.QueryParseOptions, strict)
  .annotate(HttpApi.PayloadParseOptions, strict) {}

/** Sign-in itself, each endpoint of which has its own limit. */
class SignInApi extends HttpApi.make("tbg-signin")
  .add(AuthApi)
  .middleware(Payload)
  .annotate(HttpApi.PayloadParseOptions, strict) {}

/** Groups without an API key and without a limit, unless an endpoint has its own. */
class UnlimitedApi extends HttpApi.make("tbg-unlimited").add(HealthApi, PublicApi, V1ServiceApi).middleware(Payload) {}

/** All endpoints except /metrics, which can be turned off. */
export class ServiceApi extends HttpApi.make("tbg")
  .addHttpApi(KeyApi)
  .addHttpApi(IdentityProviderApi)
  .addHttpApi(AddressApi)
  .addHttpApi(SignInApi)
  .addHttpApi(SessionApi)
  .addHttpApi(UnlimitedApi)
  .middleware(Common) {}

/** All endpoints (contract section 1). */
export class Api extends ServiceApi.addHttpApi(MetricsApi) {}

/** Endpoints under /v1, which have their own OpenAPI document. */
export class V1Api extends HttpApi.make("tbg-v1").addHttpApi(KeyApi).add(V1ServiceApi).middleware(Common) {}

/** Probes alone, with the id of the API that their handlers are built for. */
export class ProbesApi extends HttpApi.make("tbg").add(HealthApi).middleware(Payload).middleware(Common) {}
