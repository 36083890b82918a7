import { Effect, Layer, Schema } from "effect"
import { Accounts } from "../../src/services/auth/Accounts.ts"
import { Sessions } from "../../src/services/auth/Sessions.ts"
import { SignIn } from "../../src/services/auth/SignIn.ts"
import { LiveTickets } from "../../src/services/live/LiveTickets.ts"
import { signatureOf } from "./PlayerDatabase.ts"
import type { Player } from "./PlayerDatabase.ts"
import { jsonOf, testRoutes } from "./TestRoutes.ts"
import type { TestRoutesOptions } from "./TestRoutes.ts"

const Challenged = Schema.Struct({ nonce: Schema.String, message: Schema.String, expires_in: Schema.Int })
const Opened = Schema.Struct({
  access_token: Schema.String,
  refresh_token: Schema.String,
  token_type: Schema.String,
  expires_in: Schema.Int,
  user: Schema.Struct({ id: Schema.String, addresses: Schema.Array(Schema.String), is_public: Schema.Boolean })
})
const decodeChallenge = Schema.decodeUnknownEffect(Challenged)
const decodeOpened = Schema.decodeUnknownEffect(Opened)

/** Sends requests of players to a service. */
export const playerClient = <E, R>(ask: (path: string, init: RequestInit) => Effect.Effect<Response, E, R>) => {
  const send = (method: string, path: string, { body, token }: { body?: unknown; token?: string } = {}) =>
    ask(`/api/v1${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        "user-agent": "test"
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    })
  const challenge = Effect.fnUntraced(function* ({ address }: Pick<Player, "address">) {
    const response = yield* send("POST", "/auth/challenge", { body: { btc_address: address } })
    return yield* Effect.flatMap(jsonOf(response), decodeChallenge)
  })
  const proof = Effect.fnUntraced(function* (player: Player) {
    const { message, nonce } = yield* challenge(player)
    return { btc_address: player.address, nonce, signature: signatureOf(player, message) }
  })
  const signIn = Effect.fnUntraced(function* (player: Player) {
    const response = yield* send("POST", "/auth/verify", { body: yield* proof(player) })
    return yield* Effect.flatMap(jsonOf(response), decodeOpened)
  })
  return { send, challenge, proof, signIn }
}

/** The real routes over the services of the context. `change` replaces parts of sign-in. */
export const signInRoutes = Effect.fnUntraced(function* (
  options: Omit<TestRoutesOptions, "players"> = {},
  change: (signIn: SignIn["Service"]) => SignIn["Service"] = (signIn) => signIn
) {
  const players = Layer.mergeAll(
    Layer.succeed(Accounts, yield* Accounts),
    Layer.succeed(Sessions, yield* Sessions),
    Layer.succeed(LiveTickets, yield* LiveTickets),
    Layer.succeed(SignIn, change(yield* SignIn))
  )
  return playerClient(yield* testRoutes({ ...options, players }))
})
