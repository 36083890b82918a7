import { Context, Effect, Layer } from "effect"
import { HttpServer } from "effect/http"
import { App } from "../../src/App.ts"
import { AppConfig } from "../../src/layers/AppConfig.ts"
import { capturedLines } from "./MockLayers.ts"

/**
 * The service in this process, on a free local port, with the embedded database and limiter unless the variables say
 * otherwise. Returns its address, and drains when the scope closes.
 */
export const testServer = Effect.fnUntraced(function* (variables: Record<string, string> = {}) {
  const config = AppConfig.layerFrom({
    TBG_ENVIRONMENT: "test",
    TBG_HOST: "127.0.0.1",
    TBG_PORT: "0",
    ...variables
  })
  const context = yield* Layer.build(App.pipe(Layer.provide(capturedLines(() => {})), Layer.provide(config)))
  const { address } = Context.get(context, HttpServer.HttpServer)
  return `http://127.0.0.1:${"port" in address ? address.port : 0}`
})
