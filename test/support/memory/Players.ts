import { Effect, Layer } from "effect"
import { SessionNotFound, TokenRefused } from "../../../src/domain/Session.ts"
import { ProofRefused } from "../../../src/domain/SignIn.ts"
import { Accounts } from "../../../src/services/auth/Accounts.ts"
import { idOfAccessToken, Sessions } from "../../../src/services/auth/Sessions.ts"
import { SignIn } from "../../../src/services/auth/SignIn.ts"
import { decodeAddress } from "../../../src/services/bitcoin/Address.ts"

const decode = (text: string) => Effect.fromResult(decodeAddress(text, "mainnet"))
const refused = Effect.fail(new TokenRefused({ fault: "unknown" }))
const unproven = Effect.fail(new ProofRefused({ reason: "the nonce is unknown, used or expired" }))
const nobody = Effect.die("nobody is signed in")

/** Sign-in without a database: nobody has an account, and every nonce and token is unknown. */
export const memoryPlayers = Layer.mergeAll(
  Layer.succeed(Accounts, {
    ofAddress: () => nobody,
    find: () => nobody,
    addressesOf: () => nobody,
    update: () => nobody,
    addAddress: () => nobody,
    hiddenOf: () => Effect.succeed(new Set<string>()),
    isPublic: () => Effect.succeed(true)
  }),
  Layer.succeed(Sessions, {
    open: () => nobody,
    authenticate: (token) =>
      idOfAccessToken(token) === undefined ? Effect.fail(new TokenRefused({ fault: "malformed" })) : refused,
    refresh: () => refused,
    list: () => Effect.succeed([]),
    revoke: (_, id) => Effect.fail(new SessionNotFound({ id })),
    revokeAll: () => Effect.void,
    purge: () => Effect.succeed(0)
  }),
  Layer.succeed(SignIn, {
    canonical: (address) => Effect.map(decode(address), ({ text }) => text),
    challenge: (address) =>
      Effect.map(decode(address), ({ text }) => ({
        nonce: "0".repeat(32),
        message: `Sign in as ${text}`,
        supported: []
      })),
    verify: ({ address }) => Effect.andThen(decode(address), unproven),
    addAddress: (_, { address }) => Effect.andThen(decode(address), unproven)
  })
)
