import { assert, describe, it } from "@effect/vitest"
import { Effect, Queue, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { signIn, TbgClient } from "../../clients/typescript/src/index.ts"
import * as Promises from "../../clients/typescript/src/promise.ts"
import { httpStub } from "../support/HttpStub.ts"

const user = {
  id: "01980f2a-6c1e-7b3a-9d52-3f0c8a1e4b77",
  addresses: ["bc1qminer"],
  display_name: null,
  country_code: null,
  is_public: true,
  created_at: "2026-12-01T12:34:56.789000Z"
}
const pair = (number: number) => ({
  access_token: `access-${number}`,
  token_type: "Bearer",
  expires_in: 3600,
  refresh_token: `refresh-${number}`
})

/** A service that accepts the signature of any message, and a number of refreshes. */
const service = (refreshes: number) => {
  let refreshed = 0
  const bodyOf = (url: string): readonly [number, object] => {
    if (url.endsWith("/challenge")) return [200, { nonce: "n", message: "m", expires_in: 300, supported: [] }]
    if (url.endsWith("/verify")) return [200, { ...pair(0), user }]
    if (url.endsWith("/users/me")) return [200, { user }]
    refreshed += 1
    return refreshed > refreshes ? [401, { detail: "Not authenticated" }] : [200, pair(refreshed)]
  }
  return httpStub((response) => {
    const [status, body] = bodyOf(response.req.url ?? "")
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
  })
}

const withStub = Effect.fnUntraced(function* (refreshes: number) {
  const stub = yield* service(refreshes)
  const options = { baseUrl: stub.url, retries: 0 }
  const anonymous = yield* TbgClient.pipe(Effect.provide(TbgClient.layer(options)))
  const session = yield* signIn(anonymous, "bc1qminer", (message) => Effect.succeed(`signed ${message}`))
  const player = yield* TbgClient.pipe(
    Effect.provide(TbgClient.layer({ ...options, accessToken: session.accessToken }))
  )
  const sent = Effect.map(Queue.takeAll(stub.arrived), (requests) =>
    requests.map(({ headers, url }) => [url, headers.authorization])
  )
  return { player, sent, session }
})

const me = "/api/v1/users/me"
const refresh = ["/api/v1/auth/refresh", undefined]

describe("signIn of the client", () => {
  it.effect("refreshes the access token once before it expires, however many calls wait for it", () =>
    Effect.gen(function* () {
      const { player, sent, session } = yield* withStub(1)
      assert.deepStrictEqual(session.user.addresses, ["bc1qminer"])
      yield* sent
      yield* player.Users.me()
      assert.deepStrictEqual(yield* sent, [[me, "Bearer access-0"]])
      yield* TestClock.adjust("3570 seconds")
      yield* Effect.all([player.Users.me(), player.Users.me()], { concurrency: 2 })
      assert.deepStrictEqual(yield* sent, [refresh, [me, "Bearer access-1"], [me, "Bearer access-1"]])
    })
  )

  it.effect("keeps the old token if a refresh is rejected", () =>
    Effect.gen(function* () {
      const { sent, session } = yield* withStub(0)
      yield* sent
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(Redacted.value(yield* session.accessToken), "access-0")
      assert.deepStrictEqual(yield* sent, [refresh])
    })
  )

  it.effect("works with promises, and fails with the wallet's own error", () =>
    Effect.gen(function* () {
      const { url } = yield* service(0)
      const options = { baseUrl: url }
      const { accessToken } = yield* Effect.promise(() => Promises.signIn(options, "bc1qminer", (text) => text))
      assert.strictEqual(yield* Effect.promise(accessToken), "access-0")
      const refused = Promises.signIn(options, "bc1qminer", () => Promise.reject(new Error("the player refused")))
      const reason = yield* Effect.promise(() => refused.then(String, String))
      assert.include(reason, "the player refused")
    })
  )
})
