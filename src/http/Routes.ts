import { Effect, Layer } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { AppConfig } from "../layers/AppConfig.ts"
import { Api, ProbesApi, ServiceApi } from "./api/Api.ts"
import { MetricsApi } from "./api/Metrics.ts"
import { DocsRoutes, docsRoutes } from "./docs/DocsRoutes.ts"
import { edge } from "./Edge.ts"
import { ErrorPages, errorPageRoutes } from "./docs/ErrorPages.ts"
import { HomePage, homeRoutes } from "./docs/HomePage.ts"
import { PageRoutes, pageRoutes } from "./page/PageRoutes.ts"
import { AuthHandlers, SessionsHandlers } from "./handlers/Auth.ts"
import { DashboardHandlers } from "./handlers/Dashboard.ts"
import { HealthHandlers } from "./handlers/Health.ts"
import { LiveHandlers } from "./handlers/live/Live.ts"
import { LiveTicketsHandlers } from "./handlers/live/Tickets.ts"
import { IdentityHandlers } from "./handlers/Me.ts"
import { MetricsHandlers } from "./handlers/Metrics.ts"
import { MinersHandlers } from "./handlers/mining/Miners.ts"
import { PoolHandlers } from "./handlers/mining/Pool.ts"
import { ThirdPartyHandlers } from "./handlers/mining/ThirdParty.ts"
import { WeeksHandlers } from "./handlers/mining/Weeks.ts"
import { PostsHandlers } from "./handlers/Posts.ts"
import { PublicHandlers } from "./handlers/Public.ts"
import { UsersHandlers } from "./handlers/Users.ts"
import { V1Handlers } from "./handlers/V1.ts"
import { AuthorizationLayers } from "./middleware/Authorization.ts"
import { BearerIdentityLayer } from "./middleware/BearerIdentity.ts"
import { Callers } from "./middleware/Callers.ts"
import { CommonLayer, routesOf } from "./middleware/Common.ts"
import { PayloadLayer } from "./middleware/Payload.ts"
import { RateLimits } from "./middleware/RateLimits.ts"
import { ScrapeTokenLayer } from "./middleware/ScrapeToken.ts"
import { SignedInLayers } from "./middleware/SignedIn.ts"
import { StreamAdmission } from "./middleware/StreamAdmission.ts"
import { SecurityText, securityTextRoutes } from "./docs/SecurityText.ts"

const ApiRoutes = HttpApiBuilder.layer(ServiceApi).pipe(
  Layer.provide([HealthHandlers, PublicHandlers, IdentityHandlers, PostsHandlers, V1Handlers]),
  Layer.provide([AuthHandlers, SessionsHandlers, UsersHandlers]),
  Layer.provide([PoolHandlers, MinersHandlers, WeeksHandlers, ThirdPartyHandlers, DashboardHandlers]),
  Layer.provide([LiveHandlers, LiveTicketsHandlers]),
  Layer.provide([AuthorizationLayers, BearerIdentityLayer, SignedInLayers, CommonLayer, PayloadLayer])
)

const MetricsRoutes = Layer.unwrap(
  Effect.map(AppConfig, ({ metrics }) => (metrics.enabled ? HttpApiBuilder.layer(MetricsApi) : Layer.empty))
).pipe(Layer.provide(MetricsHandlers), Layer.provide([ScrapeTokenLayer, CommonLayer, PayloadLayer]))

/** The page of the game, or a page of links. */
const Root = Layer.unwrap(Effect.map(AppConfig, ({ page }) => (page.enabled ? PageRoutes : HomePage)))

/** The edge with all routes, from which it derives `Allow`. */
const Edge = Layer.unwrap(
  Effect.map(AppConfig, ({ docs, metrics, page }) =>
    edge([
      ...routesOf(metrics.enabled ? Api : ServiceApi),
      ...(page.enabled ? pageRoutes : homeRoutes),
      ...errorPageRoutes,
      ...securityTextRoutes,
      ...(docs.enabled ? docsRoutes : [])
    ])
  )
)

export const Routes = Layer.mergeAll(ApiRoutes, MetricsRoutes, DocsRoutes, Root, ErrorPages, SecurityText, Edge).pipe(
  Layer.provide([Callers.layer, StreamAdmission.layer]),
  Layer.provide(RateLimits.layer)
)

const ProbeRoutes = HttpApiBuilder.layer(ProbesApi).pipe(
  Layer.provide(HealthHandlers),
  Layer.provide([AuthorizationLayers, CommonLayer, PayloadLayer])
)

/** Probes and metrics, for a process that serves nothing else. */
export const Probes = Layer.mergeAll(
  ProbeRoutes,
  MetricsRoutes,
  edge([...routesOf(ProbesApi), ...routesOf(MetricsApi)])
).pipe(Layer.provide(Callers.layer), Layer.provide(RateLimits.layer))
