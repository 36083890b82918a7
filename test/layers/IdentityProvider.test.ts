import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Fiber, Layer, Queue } from "effect"
import { TestClock } from "effect/testing"
import { gzipSync } from "node:zlib"
import { AppConfig } from "../../src/layers/AppConfig.ts"
import { IdentityProvider } from "../../src/layers/IdentityProvider.ts"
import { httpStub, json } from "../support/HttpStub.ts"
import type { Respond } from "../support/HttpStub.ts"

const tokensIn = (variables: Record<string, string>) =>
  Effect.map(
    Layer.build(
      IdentityProvider.layer.pipe(Layer.provide(AppConfig.layerFrom({ TBG_ENVIRONMENT: "test", ...variables })))
    ),
    (context) => Context.get(context, IdentityProvider).tokens
  )

/** Error or key set that results from this response. */
const keySetOf = Effect.fnUntraced(function* (respond: Respond, variables: Record<string, string> = {}) {
  const stub = yield* httpStub(respond)
  const tokens = yield* tokensIn({
    TBG_AUTH_PROVIDER: "custom",
    TBG_OAUTH_ISSUER: "https://id.example",
    TBG_OAUTH_JWKS_URL: `${stub.url}/keys?tenant=1`,
    ...variables
  })
  assert.isDefined(tokens)
  return { ...stub, keySet: tokens.keySet, fault: Effect.map(Effect.flip(tokens.keySet), ({ fault }) => fault) }
})

const document = { keys: [{ kty: "RSA", kid: "a" }] }
const large = JSON.stringify({ keys: [], padding: "x".repeat(256 * 1024) })

const endless: Respond = (response) => {
  if (response.write(large)) endless(response)
  else response.once("drain", () => endless(response))
}

describe("the identity provider", () => {
  it.effect("is absent unless one is configured", () =>
    Effect.gen(function* () {
      assert.isUndefined(yield* tokensIn({}))
    })
  )

  it.effect("is the configured one", () =>
    Effect.gen(function* () {
      const tokens = yield* tokensIn({ TBG_AUTH_PROVIDER: "supabase", TBG_SUPABASE_URL: "https://ref.supabase.co" })
      assert.isDefined(tokens)
      const { keySet: _, ...rest } = tokens
      assert.deepStrictEqual(rest, {
        provider: "supabase",
        issuer: "https://ref.supabase.co/auth/v1",
        audience: undefined,
        algorithms: ["ES256", "RS256"]
      })
    })
  )

  it.effect("reads its key set from the configured address", () =>
    Effect.gen(function* () {
      const { arrived, keySet } = yield* keySetOf(json(document))
      assert.deepStrictEqual(yield* keySet, document)
      const { headers, url } = yield* Queue.take(arrived)
      assert.strictEqual(url, "/keys?tenant=1")
      assert.strictEqual(headers.accept, "application/json")
    })
  )

  it.effect("reads a key set with a byte order mark", () =>
    Effect.gen(function* () {
      const { keySet } = yield* keySetOf((response) => response.end(`\uFEFF${JSON.stringify(document)}`))
      assert.deepStrictEqual(yield* keySet, document)
    })
  )

  it.effect.each<readonly [string, Respond]>([
    ["an error", json(document, 500)],
    ["no such page", json({ error: "not found" }, 404)],
    ["a redirect", (response) => response.writeHead(302, { location: "/elsewhere" }).end()],
    ["no body", (response) => response.writeHead(204).end()],
    ["no JSON", (response) => response.end("<html>")],
    ["half of its JSON", (response) => response.end('{"keys":[')],
    ["more than any key set has", (response) => response.end(large)],
    [
      "a body that unpacks to more",
      (response) => response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(large))
    ],
    ["a body without end", endless]
  ])("fails if it answers with %s", ([, respond]) =>
    Effect.gen(function* () {
      const { fault } = yield* keySetOf(respond)
      assert.strictEqual(yield* fault, "failed")
    })
  )

  it.effect("is unreachable if nothing listens or the connection is lost", () =>
    Effect.gen(function* () {
      const { end, fault, responds } = yield* keySetOf((response) => response.destroy())
      assert.strictEqual(yield* fault, "unreachable")
      responds((response) => response.writeHead(200, { "content-length": "100" }).write("{", () => response.destroy()))
      assert.strictEqual(yield* fault, "unreachable")
      yield* end
      assert.strictEqual(yield* fault, "unreachable")
    })
  )

  it.effect.each<readonly [string, Respond]>([
    ["nothing", () => {}],
    ["half of its answer", (response) => response.writeHead(200).write('{"keys":')]
  ])("times out after three seconds if it sends %s", ([, respond]) =>
    Effect.gen(function* () {
      const { arrived, fault } = yield* keySetOf(respond)
      const fiber = yield* Effect.forkChild(fault)
      const request = yield* Queue.take(arrived)
      yield* TestClock.adjust("2999 millis")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 milli")
      assert.deepStrictEqual(yield* Fiber.await(fiber), Exit.succeed("timeout" as const))
      // The request is canceled.
      yield* Effect.callback<void>((resume) => {
        if (request.socket.destroyed) resume(Effect.void)
        else request.socket.once("close", () => resume(Effect.void))
      })
    })
  )

  it.effect("times out after half of the request timeout, if that is less", () =>
    Effect.gen(function* () {
      const { arrived, fault } = yield* keySetOf(() => {}, { TBG_REQUEST_TIMEOUT_MS: "1000" })
      const fiber = yield* Effect.forkChild(fault)
      yield* Queue.take(arrived)
      yield* TestClock.adjust("500 millis")
      assert.strictEqual(yield* Fiber.join(fiber), "timeout")
    })
  )
})
