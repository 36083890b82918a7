import { Schema } from "effect"
import { HttpApi, HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { IsProbe, Matched } from "./Matched.ts"

export class V1HealthApi extends HttpApiGroup.make("Service")
  .add(
    HttpApiEndpoint.get("healthz", "/healthz", {
      success: Schema.Struct({ status: Schema.Literal("ok"), buildSha: Schema.String }).annotate({
        identifier: "Healthz"
      })
    })
      .annotateMerge(OpenApi.annotations({ summary: "Liveness under /v1" }))
      .annotate(IsProbe, true)
  )
  .prefix("/v1")
  .annotateMerge(OpenApi.annotations({ description: "The /v1 surface itself" })) {}

/** The /v1 surface alone: a document for its callers; `Api` is what is served. */
export class V1Api extends HttpApi.make("tbg-v1").add(V1HealthApi).middleware(Matched) {}
