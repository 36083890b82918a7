import { DateTime, Effect, Layer, Redacted } from "effect"
import { AccountId } from "../../../src/domain/Account.ts"
import { TicketInvalid } from "../../../src/domain/live/Ticket.ts"
import { SessionId, SessionNotFound, SessionTokenId, TokenRefused } from "../../../src/domain/Session.ts"
import { ProofRefused } from "../../../src/domain/SignIn.ts"
import { tokenFormat } from "../../../src/services/apiKeys/Token.ts"
import { Accounts } from "../../../src/services/auth/Accounts.ts"
import { idOfAccessToken, Sessions } from "../../../src/services/auth/Sessions.ts"
import { SignIn } from "../../../src/services/auth/SignIn.ts"
import { LiveTickets } from "../../../src/services/live/LiveTickets.ts"
import { decodeAddress } from "../../../src/services/bitcoin/Address.ts"

const decode = (text: string) => Effect.fromResult(decodeAddress(text, "mainnet"))
const refused = Effect.fail(new TokenRefused({ fault: "unknown" }))
const unproven = Effect.fail(new ProofRefused({ reason: "the nonce is unknown, used or expired" }))
const unsupported = Effect.die("sign-in is not supported here")

const tokens = tokenFormat("tbgs", "access token", SessionTokenId)
/** Access token of the one session. */
export const playerToken = Redacted.value(
  tokens.make(SessionTokenId.make("01980f2a-6c1e-7b3a-9d52-3f0c8a1e4b77"), () => 0)
)
const session = {
  accountId: AccountId.make("01980f2a-6c1e-7b3a-9d52-3f0c8a1e4b78"),
  sessionId: SessionId.make("01980f2a-6c1e-7b3a-9d52-3f0c8a1e4b79")
}
const account = {
  id: session.accountId,
  addresses: ["bc1q9vza2e8x573nczrlzms0wvx3gsqjx7vavgkx0l"],
  displayName: null,
  countryCode: null,
  isPublic: true,
  createdAt: DateTime.makeUnsafe("2027-01-15T08:00:00Z")
}

/** Sign-in without a database: one player is signed in, and no other can sign in. */
export const memoryPlayers = Layer.mergeAll(
  Layer.succeed(Accounts, {
    ofAddress: () => unsupported,
    ownerOf: () => Effect.succeedNone,
    find: () => Effect.succeed(account),
    addressesOf: () => Effect.succeed(account.addresses),
    update: (_, changes) => Effect.succeed({ ...account, ...changes }),
    addAddress: () => unsupported
  }),
  Layer.succeed(Sessions, {
    open: () => unsupported,
    authenticate: (token) => {
      if (token === playerToken) return Effect.succeed(session)
      return idOfAccessToken(token) === undefined ? Effect.fail(new TokenRefused({ fault: "malformed" })) : refused
    },
    refresh: () => refused,
    list: () => Effect.succeed([]),
    revoke: (_, id) => Effect.fail(new SessionNotFound({ id })),
    revokeById: (id) => Effect.fail(new SessionNotFound({ id })),
    revokeAll: () => Effect.void,
    purge: () => Effect.succeed(0)
  }),
  Layer.succeed(LiveTickets, {
    issue: () => Effect.succeed(Redacted.make("tbgt_…")),
    find: () => Effect.fail(new TicketInvalid()),
    open: () => Effect.fail(new TicketInvalid()),
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
