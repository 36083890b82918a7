import { DateTime, Effect, Redacted } from "effect"
import { makeToken } from "../../src/services/apiKeys/Token.ts"
import { ApiKeyId } from "../../src/domain/ApiKey.ts"
import { jsonBody, short } from "./TeamRoutes.ts"
import { postOf } from "./TestTeams.ts"
import type { TwoTeams } from "./TestTeams.ts"

/** What can come as `Authorization`, and which team it speaks for. */
interface Credential {
  readonly authorization: string | undefined
  readonly team: string | undefined
}

export const kinds = [
  "valid",
  "other team's",
  "revoked",
  "expired",
  "unknown",
  "known id, other secret",
  "wrong checksum",
  "malformed",
  "a token of something else",
  "empty",
  "none",
  "another scheme"
] as const
type Kind = (typeof kinds)[number]

const random = (length: number) => new Uint8Array(length).fill(7)
const tokenOf = (id: ApiKeyId) => Redacted.value(makeToken(id, random))

/** A well-formed key that nobody was given; another for each `last`, of up to twelve hex digits. */
export const unknownToken = (last: string) =>
  tokenOf(ApiKeyId.make(`01926f3c-0000-7000-8000-${last.padStart(12, "0")}`))

/** Every kind of credential. */
export const credentialsOf = Effect.fnUntraced(function* ({ alpha, beta, newKey, revoke }: TwoTeams) {
  const revoked = yield* newKey(alpha)
  yield* revoke(revoked.keyId)
  const expired = yield* newKey(alpha, { expiresAt: DateTime.makeUnsafe(0) })
  const bad = (authorization: string | undefined): Credential => ({ authorization, team: undefined })
  const { token } = alpha
  return {
    valid: { authorization: `Bearer ${token}`, team: "alpha" },
    "other team's": { authorization: `Bearer ${beta.token}`, team: "beta" },
    revoked: bad(`Bearer ${revoked.token}`),
    expired: bad(`Bearer ${expired.token}`),
    unknown: bad(`Bearer ${unknownToken("1")}`),
    "known id, other secret": bad(`Bearer ${tokenOf(alpha.keyId)}`),
    "wrong checksum": bad(`Bearer ${token.slice(0, -1)}${token.endsWith("0") ? "1" : "0"}`),
    malformed: bad("Bearer tbg_nonsense"),
    "a token of something else": bad("Bearer a.b.c"),
    empty: bad("Bearer "),
    none: bad(undefined),
    "another scheme": bad(`Basic ${Buffer.from(`alpha:${token}`).toString("base64")}`)
  } satisfies Record<Kind, Credential>
})

/** As they stand in a path: the key's own, another, one that is not there, and what is no name. */
export const pathTeams = ["alpha", "beta", "gamma", "ALPHA", "al%70ha", "alpha%20", "a%00b", "%F0%9F%8E%B2"] as const

export const verbs = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const
type Verb = (typeof verbs)[number]

export const paths = ["", "/:id", "/:id/restore"] as const
type Path = (typeof paths)[number]

/** What each path answers to whom it lets in, about a post of `alpha`. */
const answers: Record<Path, Partial<Record<Verb, number>>> = {
  "": { GET: 200, HEAD: 200, POST: 201 },
  "/:id": { GET: 200, HEAD: 200, DELETE: 204 },
  "/:id/restore": { POST: 200 }
}

export interface Cell {
  readonly team: string
  readonly route: Path
  readonly verb: Verb
}

/** The status that contract section 1 gives to one request. */
export const expectedOf = ({ route, team, verb }: Cell, { team: ofKey }: Credential): number => {
  const status = answers[route][verb]
  if (status === undefined) return verb === "OPTIONS" ? 204 : 405
  if (ofKey === undefined) return 401
  if (decodeURIComponent(team) !== ofKey) return 403
  return ofKey !== "alpha" && route !== "" ? 404 : status
}

type Ask = (path: string, init?: RequestInit) => Effect.Effect<Response>

/** The status that one request gets, about a new post of `alpha`. */
export const statusOf = Effect.fnUntraced(function* (
  ask: Ask,
  { alpha, services }: TwoTeams,
  { route, team, verb }: Cell,
  { authorization }: Credential
) {
  const id = yield* postOf(services, alpha.id)
  const { body, headers } = jsonBody(short)
  const init: RequestInit = verb === "GET" || verb === "HEAD" ? {} : { body: body ?? null }
  const all = new Headers(headers)
  if (authorization !== undefined) all.set("authorization", authorization)
  const path = `/v1/teams/${team}/posts${route.replace(":id", id)}`
  return (yield* ask(path, { ...init, method: verb, headers: all })).status
})
