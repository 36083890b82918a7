import { Schema, SchemaTransformation } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { SessionId } from "../../domain/Session.ts"
import { SignatureFormat } from "../../domain/SignIn.ts"
import { Uuid } from "../../domain/Text.ts"
import { Timestamp } from "../../domain/Timestamp.ts"
import { Invalid, NotFound, Unauthorized } from "../Errors.ts"
import { LimitByAddress } from "./Authorization.ts"
import { LimitSignIn } from "./SignedIn.ts"
import { AddressText, exampleNonce, exampleUser, SignedProof, User } from "./Users.ts"

const NewChallenge = Schema.Struct({ btc_address: AddressText }).annotate({
  identifier: "NewChallenge",
  description: "The address to sign in with",
  examples: [{ btc_address: exampleUser.addresses[0] }]
})

const ChallengeBody = Schema.Struct({
  nonce: Schema.String.annotate({ description: "128 random bits in hexadecimal; valid for this address, once" }),
  message: Schema.String.annotate({ description: "Text to sign without any change; lines end with \\n" }),
  expires_in: Schema.Int.annotate({ description: "Seconds until the nonce expires" }),
  supported: Schema.Array(SignatureFormat).annotate({
    description: "Formats of signatures that prove this address; empty if its type is not supported"
  })
}).annotate({
  identifier: "Challenge",
  description: "A message to sign",
  examples: [
    {
      nonce: exampleNonce,
      message: "localhost:8000 wants you to sign in with your Bitcoin account:\nbc1q…",
      expires_in: 300,
      supported: ["bip322-simple", "bip322-full", "bip137"]
    }
  ]
})

const pairFields = {
  access_token: Schema.String.annotate({ description: "Token for `Authorization: Bearer`" }),
  token_type: Schema.Literal("Bearer").annotate({ description: "Token type (RFC 6750)" }),
  expires_in: Schema.Int.annotate({ description: "Seconds until the access token expires" }),
  refresh_token: Schema.String.annotate({ description: "Token for one refresh; valid for 30 days" })
}
const examplePair = {
  access_token: "tbgs_…",
  token_type: "Bearer",
  expires_in: 3600,
  refresh_token: "tbgr_…"
} as const

const TokenPair = Schema.Struct(pairFields).annotate({
  identifier: "TokenPair",
  description: "New tokens of the session",
  examples: [examplePair]
})
const OpenedSession = Schema.Struct({ ...pairFields, user: User }).annotate({
  identifier: "OpenedSession",
  description: "Tokens of a new session, and the player",
  examples: [{ ...examplePair, user: exampleUser }]
})

const RefreshBody = Schema.Struct({
  refresh_token: Schema.String.annotate({ description: "The newest refresh token of the session" })
}).annotate({ identifier: "Refresh", description: "A refresh token", examples: [{ refresh_token: "tbgr_…" }] })

const Done = Schema.Struct({
  status: Schema.Literal("ok").annotate({ description: "The request succeeded" })
}).annotate({
  identifier: "Done",
  description: "The request succeeded",
  examples: [{ status: "ok" }]
})

const ListedSession = Schema.Struct({
  id: Uuid.annotate({ description: "UUID of the session" }),
  created_at: Timestamp.annotate({ description: "Time of the sign-in" }),
  last_used_at: Timestamp.annotate({ description: "Time of the last request; up to a minute behind" }),
  user_agent: Schema.NullOr(Schema.String).annotate({ description: "User-Agent of the sign-in, or null" }),
  current: Schema.Boolean.annotate({ description: "Whether this request belongs to the session" })
}).annotate({ identifier: "Session", description: "A session" })

const SessionList = Schema.Struct({
  sessions: Schema.Array(ListedSession).annotate({ description: "Newest first" })
}).annotate({
  identifier: "SessionList",
  description: "Open sessions of the player",
  examples: [
    {
      sessions: [
        {
          id: "01980f2a-6c1e-7b3a-9d52-3f0c8a1e4b78",
          created_at: "2026-12-01T12:34:56.789000Z",
          last_used_at: "2026-12-01T13:00:00.000000Z",
          user_agent: "Mozilla/5.0",
          current: true
        }
      ]
    }
  ]
})

const SessionIdParam = Uuid.pipe(Schema.decodeTo(SessionId, SchemaTransformation.toLowerCase()))

/** Sign-in by a signed challenge, and refreshes. Needs no access token. */
export class AuthApi extends HttpApiGroup.make("Auth")
  .add(
    HttpApiEndpoint.post("challenge", "/challenge", { payload: NewChallenge, success: ChallengeBody, error: Invalid })
      .middleware(LimitSignIn)
      .annotateMerge(
        OpenApi.annotations({
          summary: "Get a message to sign",
          description: "Sign `message` with the wallet of the address, unchanged, and send the signature to /verify."
        })
      ),
    HttpApiEndpoint.post("verify", "/verify", {
      payload: SignedProof,
      success: OpenedSession,
      error: [Invalid, Unauthorized]
    })
      .middleware(LimitSignIn)
      .annotateMerge(
        OpenApi.annotations({
          summary: "Sign in",
          description:
            "A valid signature opens a session and consumes the nonce. 401 if it is wrong; the fifth wrong signature " +
            "deletes the nonce. 422 if the type of address or the format of the signature is not supported."
        })
      ),
    HttpApiEndpoint.post("refresh", "/refresh", {
      payload: RefreshBody,
      success: TokenPair,
      error: [Invalid, Unauthorized]
    })
      .middleware(LimitByAddress)
      .annotateMerge(
        OpenApi.annotations({
          summary: "Refresh a session",
          description:
            "Spends the refresh token. Reuse within 20 seconds returns another pair, because two tabs may refresh at once; " +
            "later reuse revokes the session."
        })
      )
  )
  .prefix("/api/v1/auth")
  .annotateMerge(OpenApi.annotations({ description: "Sign-in with a Bitcoin address" })) {}

/** Sessions of the signed-in player. `Api.ts` adds the authentication. */
export class SessionsApi extends HttpApiGroup.make("Sessions")
  .add(
    HttpApiEndpoint.post("logout", "/logout", { success: Done, error: Invalid }).annotateMerge(
      OpenApi.annotations({ summary: "End this session", description: "Revokes all tokens of the session." })
    ),
    HttpApiEndpoint.post("logoutAll", "/logout-all", { success: Done, error: Invalid }).annotateMerge(
      OpenApi.annotations({ summary: "End all sessions", description: "Revokes all sessions of the player." })
    ),
    HttpApiEndpoint.get("list", "/sessions", { success: SessionList, error: Invalid }).annotateMerge(
      OpenApi.annotations({ summary: "List sessions", description: "Open sessions of the player, newest first." })
    ),
    HttpApiEndpoint.delete("revoke", "/sessions/:id", {
      params: Schema.Struct({
        id: SessionIdParam.pipe(Schema.annotateEncoded({ description: "UUID of the session" }))
      }),
      success: Done,
      error: [Invalid, NotFound]
    }).annotateMerge(
      OpenApi.annotations({ summary: "End a session", description: "404 if it is not an open session of the player." })
    )
  )
  .prefix("/api/v1/auth")
  .annotateMerge(OpenApi.annotations({ description: "Sessions of the signed-in player" })) {}
