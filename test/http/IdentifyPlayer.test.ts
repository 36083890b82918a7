import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { HttpRouter, HttpServer } from "effect/http"
import { HttpApi, HttpApiBuilder, HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { IdentifyPlayer } from "../../src/http/api/SignedIn.ts"
import { RateLimits } from "../../src/http/middleware/RateLimits.ts"
import { SignedInLayers } from "../../src/http/middleware/SignedIn.ts"
import { AppConfig } from "../../src/layers/AppConfig.ts"
import { Viewer } from "../../src/services/auth/Viewer.ts"
import { playerToken } from "../support/memory/Players.ts"
import { testServices } from "../support/TestRoutes.ts"

class ViewerApi extends HttpApi.make("viewer").add(
  HttpApiGroup.make("Viewer").add(
    HttpApiEndpoint.get("viewer", "/viewer", { success: Schema.NullOr(Schema.String) }).middleware(IdentifyPlayer)
  )
) {}

const ViewerHandlers = HttpApiBuilder.group(ViewerApi, "Viewer", (group) =>
  group.handleAll({ viewer: () => Effect.map(Viewer, (account) => account ?? null) })
)

/** The viewer of a public endpoint, as JSON, for an `Authorization` header. */
const viewerOf = Effect.fnUntraced(function* (authorization: string | undefined) {
  const routes = HttpApiBuilder.layer(ViewerApi).pipe(
    Layer.provide(ViewerHandlers),
    Layer.provide(SignedInLayers),
    Layer.provide(RateLimits.layer),
    Layer.provide(testServices({})),
    Layer.provide(AppConfig.layerFrom({ TBG_ENVIRONMENT: "test" })),
    Layer.provideMerge(HttpServer.layerServices)
  )
  const { handler } = yield* Effect.acquireRelease(
    Effect.sync(() => HttpRouter.toWebHandler(routes, { disableLogger: true })),
    ({ dispose }) => Effect.promise(dispose)
  )
  const headers = authorization === undefined ? {} : { authorization }
  return yield* Effect.promise(async () => {
    const response = await handler(new Request("http://localhost/viewer", { headers }))
    return [response.status, await response.text()]
  })
})

describe("IdentifyPlayer", () => {
  it.effect("sets the viewer to the account of an access token", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* viewerOf(`Bearer ${playerToken}`), [200, '"01980f2a-6c1e-7b3a-9d52-3f0c8a1e4b78"'])
    })
  )

  it.effect.each([undefined, "Bearer ", "Bearer tbgs_invented", "Basic dXNlcjpwYXNz"])(
    "leaves a caller anonymous: %s",
    (authorization) =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* viewerOf(authorization), [200, "null"])
      })
  )
})
