import { Context, Effect, Layer, Redacted } from "effect"
import type { SqlClient } from "effect/sql"
import { Accounts } from "../../../src/services/auth/Accounts.ts"
import { Sessions } from "../../../src/services/auth/Sessions.ts"
import { signInServices } from "../../../src/services/auth/SignInServices.ts"
import { Ids } from "../../../src/services/Ids.ts"
import { secretsOf } from "../MigratedServices.ts"

const options = { publicUrl: "https://game.example", network: "mainnet", acceptBip137: true, cacheSeconds: 0 } as const

/** Real accounts and sessions over a client. */
export const playersOn = Effect.fnUntraced(function* (client: Layer.Layer<SqlClient.SqlClient>) {
  const players = yield* Layer.build(
    signInServices(options).pipe(
      Layer.provide(Layer.merge(Ids.layer, secretsOf("the secret of these tests, 32 or more"))),
      Layer.provide(client)
    )
  )

  /** Signs in the owner of some addresses; returns the headers of a request. */
  const signIn = Effect.fnUntraced(function* (first: string, ...others: ReadonlyArray<string>) {
    const { addAddress, ofAddress } = Context.get(players, Accounts)
    const { open } = Context.get(players, Sessions)
    const account = yield* ofAddress(first)
    yield* Effect.forEach(others, (address) => addAddress(account, address), { discard: true })
    const { accessToken } = yield* open(account, null)
    return { authorization: `Bearer ${Redacted.value(accessToken)}` }
  })

  return { players: Layer.succeedContext(players), signIn }
})
