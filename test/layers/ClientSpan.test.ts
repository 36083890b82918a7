import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { withClientSpan } from "../../src/layers/IdentityProvider.ts"

const send = withClientSpan("https://id.example/keys?token=c4n4ry", (headers) =>
  Effect.map(Effect.option(Effect.currentSpan), (span) => ({ headers, span }))
)

describe("an outgoing request", () => {
  it.effect("has its own span, whose ids it sends", () =>
    Effect.gen(function* () {
      const { headers, span } = yield* Effect.withSpan(send, "parent")
      const { attributes, kind, name, spanId, traceId } = yield* Effect.fromOption(span)
      assert.deepStrictEqual(headers, { traceparent: `00-${traceId}-${spanId}-01` })
      assert.deepStrictEqual([name, kind], ["GET", "client"])
      assert.deepStrictEqual(Object.fromEntries(attributes), {
        "http.request.method": "GET",
        "url.full": "https://id.example/keys",
        "server.address": "id.example",
        "server.port": 443
      })
    })
  )

  it.effect("has no span and sends no ids if tracing is off", () =>
    Effect.gen(function* () {
      const { headers, span } = yield* Effect.withTracerEnabled(send, false)
      assert.deepStrictEqual(headers, {})
      assert.propertyVal(span, "_tag", "None")
    })
  )
})
